using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;
using Microsoft.Playwright;
using Sightline.Runs;
using Sightline.Studio.Access;
using Xunit;

namespace Sightline.App.Tests.Studio;

/// <summary>The studio's figures of scale, for bench/README.md. Run: Sightline.App.Tests -explicit only -class Sightline.App.Tests.Studio.StudioScaleBench</summary>
[Collection("Studio")]
public sealed class StudioScaleBench(StudioFixture studio, ITestOutputHelper output)
{
    private const int Viewers = 50;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact(Explicit = true)]
    public async Task Two_thousand_runs_are_listed_within_a_second()
    {
        var settings = JsonNode.Parse(await File.ReadAllTextAsync(studio.At("runs", "first", "run.json"), Cancel))!.AsObject();
        for (var i = 0; i < 2000; i++)
        {
            var folder = studio.At("runs", $"many-{i:0000}");
            Directory.CreateDirectory(folder);
            settings["createdAt"] = DateTimeOffset.UtcNow.AddDays(-1).AddSeconds(i);
            await File.WriteAllTextAsync(Path.Combine(folder, "run.json"), settings.ToJsonString(), Cancel);
            await File.WriteAllTextAsync(Path.Combine(folder, "metrics.jsonl"), StudioFixture.Steps(1, 100, DateTimeOffset.UtcNow.AddDays(-1), 100), Cancel);
        }

        using var client = studio.Client(Role.Viewer);
        var watch = Stopwatch.StartNew();
        await client.GetStringAsync("/runs", Cancel);
        output.WriteLine($"2,000 runs, the server's first look, which reads all of them: answered after {watch.ElapsedMilliseconds} ms");
        var page = await studio.Page();
        foreach (var look in new[] { "first", "second", "third" })
        {
            await page.GotoAsync(new Uri(studio.Server.Address, "/runs").AbsoluteUri);
            var paint = await page.EvaluateAsync<double>("() => new Promise(done => new PerformanceObserver((list, o) => { o.disconnect(); done(list.getEntriesByName('first-contentful-paint')[0].startTime); }).observe({ type: 'paint', buffered: true }))");
            output.WriteLine($"2,000 runs, {look} view: first paint after {paint:0} ms");
        }

        foreach (var folder in Directory.EnumerateDirectories(studio.At("runs"), "many-*"))
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact(Explicit = true)]
    public async Task A_million_points_are_zoomed_within_a_tenth_of_a_second()
    {
        var metrics = Path.Combine(studio.WriteRun("million", "resnet10_small", 1, DateTimeOffset.UtcNow.AddDays(-1)), "metrics.jsonl");
        await using (var writer = new StreamWriter(metrics))
        {
            for (var step = 1; step <= 1_000_000; step += 1000)
            {
                await writer.WriteAsync(StudioFixture.Steps(step, step + 999, DateTimeOffset.UtcNow.AddDays(-1), 1_000_000));
            }
        }

        var page = await studio.Page();
        var watch = Stopwatch.StartNew();
        await page.GotoAsync(new Uri(studio.Server.Address, "/runs/million").AbsoluteUri);
        await page.Locator("#curves[data-drawn]").WaitForAsync();
        output.WriteLine($"1,000,000 points ({new FileInfo(metrics).Length >> 20} MiB): first curves after {watch.ElapsedMilliseconds} ms");
        var times = new List<double>();
        foreach (var act in new[] { "in", "in", "right", "left", "in", "right", "out", "left", "in", "in", "right", "out" })
        {
            times.Add(await page.EvaluateAsync<double>(
                """
                act => new Promise(done => {
                  const place = document.querySelector('#curves'), before = place.dataset.drawn, begun = performance.now();
                  new MutationObserver((_, o) => { if (place.dataset.drawn !== before) { o.disconnect(); requestAnimationFrame(() => setTimeout(() => done(performance.now() - begun))); } }).observe(place, { attributes: true });
                  document.querySelector(`[data-range="${act}"]`).click();
                })
                """, act));
        }

        times.Sort();
        output.WriteLine($"1,000,000 points: pan or zoom to drawn: median {times[times.Count / 2]:0} ms, longest {times[^1]:0} ms of {times.Count}");
    }

    [Fact(Explicit = true)]
    public async Task A_hundred_thousand_pictures_are_scrolled_without_growing_memory()
    {
        TinyData.WriteIdx(studio.At("many"), classes: 10, train: 100_000, test: 10);
        studio.Run("data", "import", "many", "--name", "many").With(ExitCode.Done);
        var page = await studio.Page();
        var session = await page.Context.NewCDPSessionAsync(page);
        await page.GotoAsync(new Uri(studio.Server.Address, "/data/many/pictures?split=train").AbsoluteUri);
        await page.Locator(".tile img").First.WaitForAsync();
        for (var pass = 0; pass < 5; pass++)
        {
            await page.EvaluateAsync(
                """
                async () => {
                  const grid = document.querySelector('#pictures');
                  for (let i = 0; i <= 200; i++) { grid.scrollTop = grid.scrollHeight * i / 200; await new Promise(done => setTimeout(done, 25)); }
                }
                """);
            await session.SendAsync("HeapProfiler.collectGarbage");
            var heap = await page.EvaluateAsync<double>("() => performance.memory.usedJSHeapSize");
            output.WriteLine($"100,000 pictures, pass {pass + 1}: {await page.Locator(".tile").CountAsync()} tiles, JavaScript heap {heap / 1048576:0.0} MiB");
        }
    }

    [Fact(Explicit = true)]
    public async Task Fifty_viewers_lose_no_event()
    {
        var seconds = int.Parse(Environment.GetEnvironmentVariable("SIGHTLINE_BENCH_SECONDS") ?? "120", CultureInfo.InvariantCulture);
        var metrics = Path.Combine(studio.WriteRun("crowd", "resnet10_small", 1, DateTimeOffset.UtcNow), "metrics.jsonl");
        using var over = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        var seen = new int[Viewers];
        var viewers = Enumerable.Range(0, Viewers).Select(viewer => Task.Run(() => Watch(viewer, seen, over.Token), Cancel)).ToArray();
        var (written, watch, cpu) = (1, Stopwatch.StartNew(), Process.GetCurrentProcess().TotalProcessorTime);
        while (watch.Elapsed.TotalSeconds < seconds)
        {
            await File.AppendAllTextAsync(metrics, StudioFixture.Steps(written + 1, written + 10, DateTimeOffset.UtcNow, 1_000_000), Cancel);
            written += 10;
            await Task.Delay(200, Cancel);
        }

        for (var i = 0; i < 100 && seen.Any(last => last < written); i++)
        {
            await Task.Delay(100, Cancel);
        }

        var used = Process.GetCurrentProcess().TotalProcessorTime - cpu;
        await over.CancelAsync();
        await Task.WhenAll(viewers);
        output.WriteLine($"{Viewers} viewers, {watch.Elapsed.TotalSeconds:0} s, {written} events: {seen.Count(last => last == written)} saw all in order; {100 * used / watch.Elapsed:0.0} % of one core for server and viewers");
        Assert.All(seen, last => Assert.Equal(written, last));
    }

    [Fact(Explicit = true)]
    public async Task A_page_left_open_on_a_live_run_neither_grows_nor_stalls()
    {
        var seconds = int.Parse(Environment.GetEnvironmentVariable("SIGHTLINE_BENCH_SECONDS") ?? "1800", CultureInfo.InvariantCulture);
        var run = RunFolder.Open(studio.WriteRun("left-open", "resnet10_small", 1, DateTimeOffset.UtcNow));
        var (metrics, system) = (Path.Combine(run.Path, "metrics.jsonl"), Path.Combine(run.Path, "system.jsonl"));
        Beat(run, 1);
        var page = await studio.Page();
        var session = await page.Context.NewCDPSessionAsync(page);
        await session.SendAsync("Performance.enable");
        await page.GotoAsync(new Uri(studio.Server.Address, "/runs/left-open").AbsoluteUri);
        await page.Locator("#curves[data-drawn]").WaitForAsync();
        var (watch, written, looked) = (Stopwatch.StartNew(), 1, -1);
        while (watch.Elapsed.TotalSeconds < seconds)
        {
            await File.AppendAllTextAsync(metrics, StudioFixture.Steps(written + 1, written + 5, DateTimeOffset.UtcNow, 1_000_000), Cancel);
            written += 5;
            Beat(run, written);
            if (written % 25 == 1)
            {
                await File.AppendAllTextAsync(system, NvmlSamples.Line(DateTimeOffset.UtcNow, NvmlSamples.Gpu(0, "NVIDIA L4", 80 + (written % 13), 9, 23)) + "\n", Cancel);
            }

            // A look every twentieth part of the time, after a collection; the first after the page has settled.
            if ((int)(20 * watch.Elapsed.TotalSeconds / seconds) > looked)
            {
                looked++;
                await Look(page, session, watch.Elapsed, written);
            }

            await Task.Delay(1000, Cancel);
        }

        await Assertions.Expect(page.Locator("figure.chart").First.Locator(".note")).ToContainTextAsync("step", new LocatorAssertionsToContainTextOptions { Timeout = 20_000 });
        await Assertions.Expect(page.Locator("[data-live-epoch]")).ToHaveTextAsync($"{written / 10}", new LocatorAssertionsToHaveTextOptions { Timeout = 20_000 });
        await Look(page, session, watch.Elapsed, written);
    }

    private async Task Look(IPage page, ICDPSession session, TimeSpan at, int written)
    {
        await session.SendAsync("HeapProfiler.collectGarbage");
        var metrics = (await session.SendAsync("Performance.getMetrics"))!.Value.GetProperty("metrics").EnumerateArray().ToDictionary(entry => entry.GetProperty("name").GetString()!, entry => entry.GetProperty("value").GetDouble());
        var shown = await page.Locator("[data-live-epoch]").InnerTextAsync();
        output.WriteLine($"left open {at.TotalMinutes:0.0} min, {written} steps written, epoch {shown} shown: JavaScript heap {metrics["JSHeapUsedSize"] / 1048576:0.00} MiB, {metrics["Nodes"]:0} DOM nodes, {metrics["JSEventListeners"]:0} listeners");
    }

    // As the training's own thread writes it; the process that lives is this one.
    private static void Beat(RunFolder run, long step)
    {
        var now = DateTimeOffset.UtcNow;
        var beat = new Heartbeat { Process = ProcessIdentity.Own, At = now, Phase = RunPhase.Training, PhaseSince = now, Step = step, TotalSteps = 1_000_000, Epoch = 1 + (int)(step / 10), StepAt = now, StepSeconds = 0.2 };
        beat.Write(run);
    }

    // Each is cut off now and then and goes on from its last event, as a browser does.
    private async Task Watch(int viewer, int[] seen, CancellationToken cancel)
    {
        using var client = studio.Client(Role.Viewer);
        string? last = null;
        while (!cancel.IsCancellationRequested)
        {
            using var cut = CancellationTokenSource.CreateLinkedTokenSource(cancel);
            cut.CancelAfter(TimeSpan.FromSeconds(20 + viewer));
            try
            {
                using var request = new HttpRequestMessage(HttpMethod.Get, "/runs/crowd/live?after=0");
                if (last is not null)
                {
                    request.Headers.Add("Last-Event-ID", last);
                }

                using var answer = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cut.Token);
                using var reader = new StreamReader(await answer.Content.ReadAsStreamAsync(cut.Token));
                var id = last;
                while (await reader.ReadLineAsync(cut.Token) is { } line)
                {
                    if (line.StartsWith("id: ", StringComparison.Ordinal))
                    {
                        id = line[4..];
                    }
                    else if (line.StartsWith("data: {\"kind\":\"step\"", StringComparison.Ordinal))
                    {
                        var step = JsonNode.Parse(line[6..])!["step"]!.GetValue<int>();
                        seen[viewer] = step == seen[viewer] + 1 ? step : throw new InvalidOperationException($"Viewer {viewer} saw step {step} after {seen[viewer]}.");
                        last = id;
                    }
                    else if (line.Length == 0)
                    {
                        last = id;
                    }
                }
            }
            catch (OperationCanceledException) when (cut.IsCancellationRequested)
            {
                // Cut off; comes again.
            }
        }
    }
}
