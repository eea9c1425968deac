using System.Diagnostics;
using Deque.AxeCore.Commons;
using Deque.AxeCore.Playwright;
using Microsoft.Playwright;
using Sightline.Studio.Access;
using Xunit;

namespace Sightline.App.Tests.Studio;

/// <summary>The studio in a real browser.</summary>
[Collection("Studio")]
public sealed class StudioBrowserTests(StudioFixture studio)
{
    private static readonly (string Name, string Path)[] Pages =
    [
        ("home", "/"), ("runs", "/runs"), ("run", "/runs/under-way"), ("finished-run", "/runs/first"), ("evaluate", "/runs/first/evaluate"), ("mistakes", "/runs/first/mistakes"),
        ("machine", "/runs/first/machine"), ("samples", "/runs/first/samples"), ("thresholds", "/runs/first/thresholds?class=dark"), ("heat", "/runs/first/mistakes?heat=1"),
        ("compare", "/compare?run=first&run=under-way"), ("data", "/data"), ("data-set", "/data/shots"), ("pictures", "/data/shots/pictures"), ("review", "/data/shots/review"),
        ("map", "/data/shots/map?run=first"), ("near", "/data/shots/near?run=first&place=0"), ("augment", "/data/shots/augment?augment=trivial"),
        ("import", "/import"), ("train", "/train?data=photos&size=32"), ("train-wrong", "/train?data=photos&epochs=none&batch=5000"), ("jobs", "/jobs"), ("job", "/jobs/00000000000000aa"),
        ("tune", "/tune"), ("study", "/tune/search"), ("models", "/models"), ("try", "/models/try?run=first"), ("gpus", "/gpus?gpu=a100-40&provider=gcp"), ("plan", "/gpus?model=resnet50&provider=lambda"), ("tips", "/tips"), ("settings", "/settings"), ("not-found", "/nowhere"),
    ];

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(ColorScheme.Light)]
    [InlineData(ColorScheme.Dark)]
    public async Task No_page_has_a_serious_barrier_a_script_error_or_a_request_elsewhere(ColorScheme scheme)
    {
        await Prepare();
        var page = await studio.Page(scheme: scheme);
        var troubles = new List<string>();
        page.PageError += (_, error) => troubles.Add(error);
        page.Console += (_, message) => troubles.AddRange(message.Type == "error" && !message.Text.Contains("404", StringComparison.Ordinal) ? [message.Text] : Array.Empty<string>());
        page.Request += (_, request) => troubles.AddRange(request.Url.StartsWith(studio.Server.Address.AbsoluteUri, StringComparison.Ordinal) || request.Url.StartsWith("data:", StringComparison.Ordinal) ? [] : [$"asked {request.Url}"]);
        page.Dialog += (_, dialog) => troubles.Add($"a name ran as script: {dialog.Message}");
        foreach (var (name, path) in Pages)
        {
            await page.GotoAsync(At(path));
            await Settle(page);
            // Only colours differ between the schemes, so the dark one is asked about them alone.
            var found = scheme == ColorScheme.Light ? await page.RunAxe() : await page.RunAxe(new AxeRunOptions { RunOnly = RunOnlyOptions.Rules("color-contrast") });
            troubles.AddRange(found.Violations.Where(rule => rule.Impact is "serious" or "critical")
                .Select(rule => $"{name}, {scheme}: {rule.Id}: {rule.Help}: {string.Join("; ", rule.Nodes.Take(3).Select(node => node.Html))}"));
            await StudioFixture.Shoot(page, $"{name}-{(scheme == ColorScheme.Dark ? "dark" : "light")}");
        }

        Assert.Empty(troubles);
    }

    [Fact]
    public async Task At_400_percent_nothing_but_tables_and_charts_scrolls_sideways()
    {
        await Prepare();
        // 1280 x 1024 at 400 % is 320 x 256 (WCAG 2.2, 1.4.10).
        var page = await studio.Page(width: 320, height: 256);
        foreach (var (name, path) in Pages)
        {
            await page.GotoAsync(At(path));
            await Settle(page);
            var wide = await page.EvaluateAsync<int>("() => document.documentElement.scrollWidth - document.documentElement.clientWidth");
            Assert.True(wide <= 0, $"{name} is {wide} pixels too wide at 400 %.");
        }

        await page.GotoAsync(At("/runs/first"));
        await Settle(page);
        await StudioFixture.Shoot(page, "run-400-percent");
    }

    [Fact]
    public async Task A_review_is_done_by_keys_alone_and_makes_a_version()
    {
        var page = await studio.Page();
        studio.Run("data", "import", "photos", "--name", "keys").With(ExitCode.Done);
        studio.Run("data", "check", "keys").With(ExitCode.Done);
        await page.GotoAsync(At("/data/keys/review?kind=exact-duplicate"));
        var waiting = await page.Locator("#review .note").First.InnerTextAsync();

        await page.Keyboard.PressAsync("x");
        await page.Locator(".save-bar").WaitForAsync();
        await page.Keyboard.PressAsync("b");
        await page.Locator(".save-bar").WaitForAsync(new LocatorWaitForOptions { State = WaitForSelectorState.Detached });
        Assert.Equal(waiting, await page.Locator("#review .note").First.InnerTextAsync());
        await page.Keyboard.PressAsync("x");
        await page.Locator(".save-bar").WaitForAsync();
        for (var i = 0; i < 60 && await page.EvaluateAsync<string>("() => document.activeElement.id") != "save"; i++)
        {
            await page.Keyboard.PressAsync("Tab");
        }

        await page.Keyboard.PressAsync("Enter");
        await page.WaitForURLAsync("**/data/keys");

        Assert.Contains("1 excluded", await page.Locator(".lead").InnerTextAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Curves_grow_while_the_page_is_open_and_a_killed_studio_harms_no_run()
    {
        var metrics = Path.Combine(studio.WriteRun("watched", "resnet10_small", 12, DateTimeOffset.UtcNow), "metrics.jsonl");
        var page = await studio.Page();
        await page.GotoAsync(At("/runs/watched"));
        await Settle(page);

        await File.AppendAllTextAsync(metrics, StudioFixture.Steps(13, 40, DateTimeOffset.UtcNow, 100), Cancel);
        await Assertions.Expect(page.Locator("[data-live-epoch]")).ToHaveTextAsync("4", new LocatorAssertionsToHaveTextOptions { Timeout = 20_000 });
        await Assertions.Expect(page.Locator("figure.chart").First.Locator(".note")).ToContainTextAsync("step 4", new LocatorAssertionsToContainTextOptions { Timeout = 20_000 });
        await page.Locator("figure.chart summary").First.ClickAsync();

        Assert.Contains("40", await page.Locator("figure.chart table").First.InnerTextAsync(), StringComparison.Ordinal);
        Assert.Equal(4, await page.Locator("#log li").CountAsync());
    }

    [Fact]
    public async Task A_dropped_picture_gets_its_class()
    {
        var page = await studio.Page(Role.Editor);
        await page.GotoAsync(At("/models/try?run=first"));

        await page.Locator("#file").SetInputFilesAsync(studio.At("photos", "bright", "3.bmp"));

        await Assertions.Expect(page.Locator("#answer h2")).ToContainTextAsync("%", new LocatorAssertionsToContainTextOptions { Timeout = 60_000 });
        var said = studio.Run("predict", "first", Path.Combine("photos", "bright", "3.bmp"), "--json").With(ExitCode.Done).Json;
        Assert.StartsWith($"{said.GetProperty("label").GetString()}, {100 * said.GetProperty("probability").GetDouble():0.0} %", await page.Locator("#answer h2").InnerTextAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_whole_way_by_keyboard()
    {
        var page = await studio.Page();
        await page.GotoAsync(At("/"));

        await page.Keyboard.PressAsync("Tab");
        Assert.Equal("Skip to the content", await page.EvaluateAsync<string>("() => document.activeElement.textContent"));
        await page.Keyboard.PressAsync("Enter");
        Assert.Equal("main", await page.EvaluateAsync<string>("() => document.activeElement.id"));
        await page.GotoAsync(At("/"));
        await Reach(page, "Runs", "/runs");
        await Reach(page, "first", "/runs/first");
        await Reach(page, "Evaluation", "/runs/first/evaluate");

        Assert.Equal("Evaluation", await page.Locator("h1").InnerTextAsync());
    }

    // What a page shows only once the model was run, so that it is looked at in full.
    private async Task Prepare()
    {
        await StudioMapTests.Make(studio);
        await StudioEvaluateTests.Judge(studio, "test");
    }

    private string At(string path) => new Uri(studio.Server.Address, path).AbsoluteUri;

    // Tab until a link with these words has the focus, Enter, and the page it leads to.
    private async Task Reach(IPage page, string words, string path)
    {
        for (var i = 0; i < 120; i++)
        {
            await page.Keyboard.PressAsync("Tab");
            if (await page.EvaluateAsync<string>("() => document.activeElement.textContent.trim()") == words)
            {
                await page.Keyboard.PressAsync("Enter");
                await page.WaitForURLAsync(At(path), new PageWaitForURLOptions { WaitUntil = WaitUntilState.DOMContentLoaded, Timeout = 120_000 });
                await page.Locator("h1").WaitForAsync();
                return;
            }
        }

        Assert.Fail($"'{words}' cannot be reached by the Tab key.");
    }

    // Curves are drawn, pictures in sight are loaded.
    private static async Task Settle(IPage page)
    {
        if (await page.Locator("#curves").CountAsync() > 0)
        {
            await page.Locator("figure.chart canvas").First.WaitForAsync();
        }

        if (await page.Locator("#map").CountAsync() > 0)
        {
            await page.Locator("#map[data-drawn]").WaitForAsync();
        }

        if (await page.Locator("#pictures").CountAsync() > 0)
        {
            await page.Locator(".tile img").First.WaitForAsync();
        }
    }
}
