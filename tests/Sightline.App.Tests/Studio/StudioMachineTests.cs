using System.Globalization;
using System.Net;
using Microsoft.Playwright;
using Sightline.Studio.Access;
using Xunit;

namespace Sightline.App.Tests.Studio;

/// <summary>The panel of host and GPUs, and the sample predictions.</summary>
[Collection("Studio")]
public sealed class StudioMachineTests(StudioFixture studio)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Samples_of_a_GPU_become_figures_and_what_it_does_not_tell_is_no_error()
    {
        Write("on-a-card", 30, i => NvmlSamples.Gpu(0, "NVIDIA A100-SXM4-80GB", busyPercent: 91, usedGib: 12 + (0.1 * i), totalGib: 80));
        using var client = studio.Client(Role.Viewer);

        var part = WebUtility.HtmlDecode(await client.GetStringAsync("/runs/on-a-card/machine?part=1", Cancel));
        var json = StudioFixture.Json(await client.GetStringAsync("/runs/on-a-card/machine?format=json", Cancel));

        Assert.Contains("GPU 0: NVIDIA A100-SXM4-80GB", part, StringComparison.Ordinal);
        Assert.Contains("<dt>Busy</dt><dd>91\u00a0%</dd>", part, StringComparison.Ordinal);
        Assert.Contains("14.9\u00a0GiB of 80.0\u00a0GiB", part, StringComparison.Ordinal);
        Assert.Contains("<dt>Clock</dt><dd>N/A</dd>", part, StringComparison.Ordinal);
        Assert.Contains("Slowed by power limit.", part, StringComparison.Ordinal);
        Assert.Equal(30, json.GetProperty("samples").GetArrayLength());
        Assert.Equal(1, json.GetProperty("gpus").GetInt32());
    }

    [Fact]
    public async Task No_GPU_and_a_lost_one_are_states()
    {
        Write("on-a-processor", 3, _ => null);
        Write("on-a-lost-card", 3, _ => """{"index":0,"trouble":"the GPU fell off the bus"}""");
        using var client = studio.Client(Role.Viewer);

        Assert.Contains("No GPU: this training works on the processor.", await client.GetStringAsync("/runs/on-a-processor", Cancel), StringComparison.Ordinal);
        Assert.Contains("the GPU fell off the bus", await client.GetStringAsync("/runs/on-a-lost-card", Cancel), StringComparison.Ordinal);
        Assert.Contains("No samples yet", await client.GetStringAsync("/runs/under-way", Cancel), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Alerts_of_the_run_are_told_the_newest_first_and_as_text()
    {
        Write("with-alerts", 3, _ => null);
        File.WriteAllLines(studio.At("runs", "with-alerts", "alerts.jsonl"),
        [
            """{"rule":"starved","severity":"advice","at":"2026-01-31T12:00:00Z","key":"starved","message":"The GPU is at 30 %."}""",
            """{"rule":"lost","severity":"critical","at":"2026-01-31T12:05:00Z","key":"lost.0","message":"<img src=x onerror=alert(1)>"}""",
            """{"rule":""",
        ]);
        using var client = studio.Client(Role.Viewer);

        var part = await client.GetStringAsync("/runs/with-alerts/machine?part=1", Cancel);
        var alerts = StudioFixture.Json(await client.GetStringAsync("/runs/with-alerts/machine?format=json", Cancel)).GetProperty("alerts");

        Assert.Equal(["lost", "starved"], alerts.EnumerateArray().Select(alert => alert.GetProperty("rule").GetString()));
        Assert.Contains("The GPU is at 30 %.", part, StringComparison.Ordinal);
        Assert.DoesNotContain("<img src=x", part, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Sample_predictions_are_those_of_the_best_weights()
    {
        using var client = studio.Client(Role.Viewer);

        var json = StudioFixture.Json(await client.GetStringAsync("/runs/first/samples?format=json", Cancel));
        var samples = json.GetProperty("samples").EnumerateArray().ToList();
        var said = studio.Run(["predict", "first", "--json", .. samples.Select(sample => Path.Combine("photos", sample.GetProperty("picture").GetString()!))]).With(ExitCode.Done); // Each has a name.

        Assert.Equal("validation", json.GetProperty("split").GetString());
        Assert.NotEmpty(samples);
        foreach (var (sample, prediction) in samples.Zip(said.Out.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(StudioFixture.Json)))
        {
            Assert.Equal(prediction.GetProperty("label").GetString(), sample.GetProperty("predictedClass").GetString());
            Assert.Equal(prediction.GetProperty("probability").GetDouble(), sample.GetProperty("probability").GetDouble(), 1e-4);
            Assert.Equal(sample.GetProperty("picture").GetString()!.Split('/')[0], sample.GetProperty("trueClass").GetString());
        }
    }

    [Fact]
    public async Task A_finished_run_shows_samples_and_asks_no_more()
    {
        var page = await studio.Page(Role.Viewer);
        await page.GotoAsync(new Uri(studio.Server.Address, "/runs/first").AbsoluteUri);

        await page.Locator("#samples figure").First.WaitForAsync();

        Assert.Equal(1, await page.Locator("#samples [data-over]").CountAsync());
        Assert.Equal(1, await page.Locator("#machine [data-over]").CountAsync());
    }

    private void Write(string name, int samples, Func<int, string?> gpu)
    {
        var now = DateTimeOffset.UtcNow;
        var run = studio.WriteRun(name, "resnet10_small", 3, now.AddDays(-1));
        File.WriteAllLines(Path.Combine(run, "system.jsonl"), [.. Enumerable.Range(0, samples).Select(i => NvmlSamples.Line(now.AddSeconds(5 * (i - samples)), gpu(i))), "{\"at\":"]);
    }
}
