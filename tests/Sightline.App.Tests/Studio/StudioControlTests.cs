using System.Diagnostics;
using System.Net;
using System.Text.RegularExpressions;
using Microsoft.Playwright;
using Xunit;

namespace Sightline.App.Tests.Studio;

/// <summary>The studio beside a real training.</summary>
[Collection("Studio")]
public sealed partial class StudioControlTests(StudioFixture studio)
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_running_run_is_paused_adjusted_and_stopped_from_its_page()
    {
        var page = await studio.Page();
        using var training = Train("controlled");
        try
        {
            await Until(async () => (await page.GotoAsync(Address("/runs/controlled")))!.Ok && await page.GetByRole(AriaRole.Button, new PageGetByRoleOptions { Name = "Pause", Exact = true }).IsVisibleAsync());

            await page.GetByRole(AriaRole.Button, new PageGetByRoleOptions { Name = "Pause", Exact = true }).ClickAsync();
            await Until(async () => await Says(page, "/runs/controlled", "paused"));
            await StudioFixture.Shoot(page, "paused-run");
            await Assertions.Expect(page.Locator("#machine")).ToContainTextAsync("Processors busy", new LocatorAssertionsToContainTextOptions { Timeout = 60_000 });
            var sample = await page.Locator("#machine time").GetAttributeAsync("datetime");
            await Until(async () => await page.Locator("#machine time").GetAttributeAsync("datetime") != sample); // It renews itself.
            await page.GetByText("Change settings while it runs").ClickAsync();
            await page.Locator("#epochs").FillAsync("399");
            await page.GetByRole(AriaRole.Button, new PageGetByRoleOptions { Name = "Change from the next step on" }).ClickAsync();
            await page.GetByRole(AriaRole.Button, new PageGetByRoleOptions { Name = "Go on", Exact = true }).ClickAsync();
            await Until(async () => await Says(page, "/runs/controlled", "of 399"));
            await page.Locator("#samples figure").First.WaitForAsync(new LocatorWaitForOptions { Timeout = (float)Patience.TotalMilliseconds }); // With the end of the first epoch.
            await page.GetByRole(AriaRole.Button, new PageGetByRoleOptions { Name = "Stop with a checkpoint" }).ClickAsync();

            Assert.Equal(ExitCode.Stopped, (ExitCode)Cli.Finish(training).ExitCode);
            await Until(async () => await Says(page, "/runs/controlled", "stopped"));
            var rows = await page.GetByRole(AriaRole.Region, new PageGetByRoleOptions { Name = "Requests" }).Locator("tbody tr").AllInnerTextsAsync();
            Assert.Equal(4, rows.Count);
            Assert.DoesNotContain(rows, row => row.Contains("waiting", StringComparison.Ordinal) || row.Contains("refused", StringComparison.Ordinal));
        }
        finally
        {
            End(training);
        }
    }

    [Fact]
    public async Task Killing_the_studio_harms_no_run_and_the_next_one_shows_the_true_state()
    {
        using var training = Train("left-alone");
        try
        {
            var metrics = studio.At("runs", "left-alone", "metrics.jsonl");
            using (var first = StartStudio(out var login))
            {
                using var client = await LogIn(login);
                await Until(async () => (await client.GetAsync("/runs/left-alone?format=json", Cancel)).IsSuccessStatusCode && File.Exists(metrics));
                using var live = await client.GetStreamAsync("/runs/left-alone/live?after=0", Cancel);
                first.Kill(entireProcessTree: true);
                await first.WaitForExitAsync(Cancel);
            }

            var length = new FileInfo(metrics).Length;
            await Until(() => Task.FromResult(new FileInfo(metrics).Length > length));
            using var second = StartStudio(out var again);
            using (var client = await LogIn(again))
            {
                Assert.Equal("running", await State(client));
                training.Kill();
                await training.WaitForExitAsync(Cancel);
                await Until(async () => await State(client) == "failed");
            }

            second.Kill(entireProcessTree: true);
        }
        finally
        {
            End(training);
        }
    }

    [Fact]
    public async Task A_run_that_was_started_from_a_studio_outlives_its_end_with_all_its_processes()
    {
        using (var first = StartStudio(out var login))
        {
            using var client = new StudioClient(await LogIn(login));
            await client.Start("/train/start", [.. StudioTrainTests.Small, ("epochs", "2"), ("name", "orphan")]);
            first.Kill(entireProcessTree: true);
            await first.WaitForExitAsync(Cancel);
        }

        await Until(() => Task.FromResult(File.Exists(studio.At("runs", "orphan", "report.json"))));

        using var second = StartStudio(out var again);
        using (var client = new StudioClient(await LogIn(again)))
        {
            await Until(async () => (await client.Twin("/runs/orphan")).GetProperty("run").GetProperty("state").GetString() == "finished");
            Assert.Contains((await client.Twin("/jobs")).EnumerateArray(), job => job.GetProperty("title").GetString() == "Train orphan");
        }

        second.Kill(entireProcessTree: true);
    }

    [GeneratedRegex("http://[^ \"]+/login\\?token=[A-Za-z0-9_-]+")]
    private static partial Regex Login();

    private static async Task<string?> State(HttpClient client) =>
        StudioFixture.Json(await client.GetStringAsync("/runs/left-alone?format=json", Cancel)).GetProperty("run").GetProperty("state").GetString();

    private static async Task<HttpClient> LogIn(string login)
    {
        var client = new HttpClient(new HttpClientHandler { CookieContainer = new CookieContainer(), AllowAutoRedirect = false }) { BaseAddress = new Uri(new Uri(login), "/") };
        Assert.Equal(HttpStatusCode.Redirect, (await client.GetAsync(login, Cancel)).StatusCode);
        return client;
    }

    private Process Train(string name) =>
        Process.Start(Cli.Start(studio.Folder, Cli.Executable, Training.Arguments("photos", "--epochs", "400", "--name", name)))!; // Null only where the shell runs it.

    private Process StartStudio(out string login)
    {
        var started = Process.Start(Cli.Start(studio.Folder, Cli.Executable, "studio", "--no-browser", "--port", "0", "--store", studio.At("store")))!; // As above.
        login = Login().Match(started.StandardOutput.ReadLine() ?? "").Value;
        return started;
    }

    private string Address(string path) => new Uri(studio.Server.Address, path).AbsoluteUri;

    private async Task<bool> Says(IPage page, string path, string words)
    {
        try
        {
            await page.GotoAsync(Address(path));
        }
        catch (PlaywrightException error) when (error.Message.Contains("ERR_ABORTED", StringComparison.Ordinal))
        {
            return false; // The page loaded itself anew at this moment: the run had answered.
        }

        return (await page.Locator("#state").InnerTextAsync()).Contains(words, StringComparison.Ordinal);
    }

    private static async Task Until(Func<Task<bool>> condition)
    {
        var watch = Stopwatch.StartNew();
        while (!await condition())
        {
            Assert.True(watch.Elapsed < Patience, "What was waited for did not come.");
            await Task.Delay(200, Cancel);
        }
    }

    private static void End(Process process)
    {
        if (!process.HasExited)
        {
            process.Kill();
            process.WaitForExit();
        }
    }
}
