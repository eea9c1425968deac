using Microsoft.Playwright;
using Sightline.Studio.Access;
using Xunit;

namespace Sightline.App.Tests.Studio;

/// <summary>The whole way in a real browser, from a folder of pictures to a class for a new one; everything is begun from the studio's pages.</summary>
[Collection("Studio")]
public sealed class StudioJourneyTests(StudioFixture studio)
{
    private static readonly LocatorAssertionsToContainTextOptions Patient = new() { Timeout = 120_000 };

    [Fact]
    public async Task Import_check_review_train_watch_adjust_evaluate_predict()
    {
        var page = await studio.Page(Role.Editor);
        page.SetDefaultTimeout(120_000);

        // Import, by keys alone.
        await page.GotoAsync(At("/data"));
        await Reach(page, "Import pictures");
        await page.Locator("#source").FocusAsync();
        await page.Keyboard.TypeAsync("photos");
        await page.Keyboard.PressAsync("Tab");
        await page.Keyboard.TypeAsync("journey");
        await page.Keyboard.PressAsync("Enter");
        await page.WaitForURLAsync("**/data/journey");
        await StudioFixture.Shoot(page, "journey-1-imported");

        await Press(page, "Check it");
        await page.WaitForURLAsync("**/jobs/*");
        await page.WaitForURLAsync("**/data/journey");
        await Assertions.Expect(page.Locator(".health")).ToContainTextAsync("exact-duplicate");
        await StudioFixture.Shoot(page, "journey-2-checked");

        // Review, by keys alone.
        await page.GotoAsync(At("/data/journey/review?kind=exact-duplicate"));
        await page.Keyboard.PressAsync("x");
        await page.Locator("#save").FocusAsync();
        await page.Keyboard.PressAsync("Enter");
        await page.WaitForURLAsync("**/data/journey");
        await Assertions.Expect(page.Locator(".lead")).ToContainTextAsync("Version 2");

        // Train: the plan follows the form.
        await page.GetByRole(AriaRole.Link, new() { Name = "Train on it" }).ClickAsync();
        await page.Locator("#f-epochs").FillAsync("0");
        await Assertions.Expect(page.Locator("#t-epochs")).ToContainTextAsync("it must be from 1 to 10000");
        await page.Locator("#f-epochs").FillAsync("400");
        await page.Locator("#f-model").SelectOptionAsync("mobilenet_v3_small");
        await page.Locator("#f-size").FillAsync("32");
        await page.Locator("#f-batch").FillAsync("8");
        await page.Locator("#f-more").FillAsync("threads=1 layout=nhwc");
        await page.Locator("#f-name").FillAsync("journey");
        await Assertions.Expect(page.Locator("#plan .command")).ToContainTextAsync("sightline train journey@2 --set threads=1 --set layout=nhwc --model mobilenet_v3_small --size 32 --epochs 400 --batch 8 --name journey");
        await Assertions.Expect(page.Locator("#plan-fits")).ToContainTextAsync("It fits.");
        await page.SetViewportSizeAsync(1280, 1500);
        await StudioFixture.Shoot(page, "journey-3-plan");
        await Press(page, "Start it here");
        await page.WaitForURLAsync("**/runs/journey");

        // Watch it live, pause it, halve its rate and shorten it, let it end.
        await Until(page, "/runs/journey", async () => await page.GetByRole(AriaRole.Button, new() { Name = "Pause", Exact = true }).IsVisibleAsync() && await page.Locator("#curves figure.chart").CountAsync() > 0);
        await Assertions.Expect(page.Locator("#log")).ToContainTextAsync("epoch", new() { Timeout = 120_000, IgnoreCase = true });
        await StudioFixture.Shoot(page, "journey-4-live");
        await Press(page, "Pause");
        await Until(page, "/runs/journey", async () => await page.GetByRole(AriaRole.Button, new() { Name = "Go on", Exact = true }).IsVisibleAsync());
        var epoch = int.Parse(await page.Locator("[data-live-epoch]").InnerTextAsync(), System.Globalization.CultureInfo.InvariantCulture);
        await page.GetByText("Change settings while it runs").ClickAsync();
        await page.Locator("#rate").FillAsync("0.5");
        await page.Locator("#epochs").FillAsync($"{epoch + 2}");
        await Press(page, "Change from the next step on");
        await Press(page, "Go on");
        await Until(page, "/runs/journey", async () => (await page.Locator("#state").InnerTextAsync()).Contains("finished", StringComparison.Ordinal));
        Assert.Contains("learningRateScale=0.5", await page.Locator("section[aria-labelledby=h-control]").InnerTextAsync(), StringComparison.Ordinal);

        await page.GetByRole(AriaRole.Link, new() { Name = "Evaluation" }).ClickAsync();
        await Assertions.Expect(page.Locator("h1")).ToHaveTextAsync("Evaluation");
        await StudioFixture.Shoot(page, "journey-5-evaluated");

        await page.GotoAsync(At("/models/try?run=journey"));
        await page.Locator("#file").SetInputFilesAsync(studio.At("photos", "bright", "3.bmp"));
        await Assertions.Expect(page.Locator("#answer h2")).ToContainTextAsync("%", Patient);
        await StudioFixture.Shoot(page, "journey-6-predicted");
    }

    [Fact]
    public async Task Without_script_the_form_plans_and_starts_all_the_same()
    {
        Assert.SkipWhen(studio.Browser is null, "Chromium is not installed; './test' installs it.");
        var context = await studio.Browser!.NewContextAsync(new() { JavaScriptEnabled = false }); // Just looked at.
        var page = await context.NewPageAsync();
        await page.GotoAsync(studio.Server.Invite(Role.Editor).AbsoluteUri);
        await page.GotoAsync(At("/train"));

        await page.Locator("#f-data").FillAsync("photos");
        await page.Locator("#f-epochs").FillAsync("1");
        await page.Locator("#f-model").SelectOptionAsync("mobilenet_v3_small");
        await page.Locator("#f-size").FillAsync("32");
        await page.Locator("#f-more").FillAsync("threads=1 layout=nhwc");
        await page.Locator("#f-name").FillAsync("no-script");
        await Press(page, "Show the plan");
        await page.WaitForURLAsync("**/train?data=photos*epochs=1*");
        await Assertions.Expect(page.Locator("#plan-fits")).ToContainTextAsync("It fits.");
        await Press(page, "Start it here");
        await page.WaitForURLAsync("**/jobs/*");
        await Until(page, null, async () =>
        {
            await page.ReloadAsync();
            return await page.GetByRole(AriaRole.Link, new() { Name = "Go on" }).CountAsync() > 0;
        });
        await page.GetByRole(AriaRole.Link, new() { Name = "Go on" }).ClickAsync();

        Assert.EndsWith("/runs/no-script", page.Url, StringComparison.Ordinal);
        using var client = StudioClient.As(studio, Role.Viewer);
        await StudioClient.Until(async () => (await client.Twin("/runs/no-script")).GetProperty("run").GetProperty("state").GetString() == "finished", "the end of the run");
    }

    private string At(string path) => new Uri(studio.Server.Address, path).AbsoluteUri;

    private static Task Press(IPage page, string words) => page.GetByRole(AriaRole.Button, new() { Name = words, Exact = true }).ClickAsync();

    // Until a link with these words has the focus, then Enter.
    private static async Task Reach(IPage page, string words)
    {
        for (var i = 0; i < 60; i++)
        {
            await page.Keyboard.PressAsync("Tab");
            if (await page.EvaluateAsync<string>("() => document.activeElement.textContent.trim()") == words)
            {
                await page.Keyboard.PressAsync("Enter");
                return;
            }
        }

        Assert.Fail($"'{words}' cannot be reached by the Tab key.");
    }

    private async Task Until(IPage page, string? path, Func<Task<bool>> condition) => await StudioClient.Until(
        async () =>
        {
            try
            {
                _ = path is null ? null : await page.GotoAsync(At(path));
                return await condition();
            }
            catch (PlaywrightException error) when (error.Message.Contains("ERR_ABORTED", StringComparison.Ordinal) || error.Message.Contains("context was destroyed", StringComparison.Ordinal))
            {
                return false; // The page loaded itself anew at this moment.
            }
        }, "What was waited for");
}
