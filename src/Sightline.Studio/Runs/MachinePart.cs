using System.Globalization;
using Microsoft.AspNetCore.Http;
using Sightline.Compute.Monitoring;
using Sightline.Runs;
using Sightline.Runs.Report;
using Sightline.Studio.Shared;

namespace Sightline.Studio.Runs;

/// <summary>Host and GPUs of a run, from its <c>system.jsonl</c>: <c>/runs/RUN/machine</c>, live on the run's page.</summary>
internal sealed class MachinePart(RunIndex runs)
{
    private const int SamplesShown = 360;
    private const int MostBytes = 1 << 20; // Of the end of the file: more than so many samples of eight GPUs.
    private const int AlertsShown = 5;
    private const string Unknown = "N/A";

    public void Map(Endpoints pages) => pages.Get("/runs/{run}/machine", Show);

    /// <summary>The last half an hour of samples, oldest first; empty where there are none or the file cannot be read at the moment.</summary>
    public static IReadOnlyList<SystemSample> Samples(RunRow run)
    {
        if (Confined.Resolve(run.Folder.Path, SystemRecorder.FileIn(run.Folder)) is not { } file)
        {
            return [];
        }

        try
        {
            // A last line that is being written is no sample.
            return [.. FileTail.Read(file, MostBytes).Split('\n').Select(SystemRecorder.Read).OfType<SystemSample>().TakeLast(SamplesShown)];
        }
        catch (IOException)
        {
            return [];
        }
    }

    /// <summary>The last alerts, the newest first: what the training or someone who watches it noticed.</summary>
    public static IReadOnlyList<Alert> Alerts(RunRow run)
    {
        var file = AlertLog.FileIn(run.Folder);
        return Path.Exists(file) && Confined.Resolve(run.Folder.Path, file) is null ? [] : [.. new AlertLog(run.Folder).New().OrderByDescending(alert => alert.At).Take(AlertsShown)];
    }

    /// <summary>The section of the run's page; it renews itself while the run lives.</summary>
    public static void Section(Html html, RunRow run)
    {
        html.Markup("<section aria-labelledby=\"h-machine\"><h2 id=\"h-machine\">Machine</h2>");
        html.Add($"<div id=\"machine\" class=\"stack\" data-filled data-fragment=\"/runs/{Figures.Url(run.Name)}/machine?part=1\" data-every=\"5\">");
        Write(html, run, Samples(run), Alerts(run));
        html.Markup("</div></section>");
    }

    private Task Show(HttpContext context)
    {
        var run = runs.Find(context.Part("run"));
        var (samples, alerts) = (Samples(run), Alerts(run));
        if (context.Query("part") is not null)
        {
            var part = new Html();
            Write(part, run, samples, alerts);
            return context.Html(part);
        }

        var page = new Page($"Machine of {run.Name}", "/runs", $"sightline run watch {Figures.Argument(run.Folder.Path)} --once");
        return context.Page(page, new { run = run.Name, run.State, gpus = samples.LastOrDefault()?.Gpus.Count, alerts, samples }, html =>
        {
            Layout.Heading(html, "Machine", "Host and GPUs while it trained, the last half an hour.", ("Runs", "/runs"), (run.Name, $"/runs/{Figures.Url(run.Name)}"));
            Section(html, run);
        });
    }

    private static void Write(Html html, RunRow run, IReadOnlyList<SystemSample> samples, IReadOnlyList<Alert> alerts)
    {
        if (!run.IsLive)
        {
            html.Markup("<p class=\"hidden\" data-over>The run does not run any more.</p>");
        }

        if (alerts.Count > 0)
        {
            html.Markup("<ul class=\"health\" aria-label=\"Alerts\">");
            foreach (var alert in alerts)
            {
                html.Add($"<li class=\"verdict {alert.Severity switch { Severity.Critical => "bad", Severity.Warning => "warn", _ => "info" }}\"><div><p class=\"word\">{alert.Severity.ToString()}: {alert.Rule}</p><p>{alert.Message}</p><p class=\"note\">");
                Figures.When(html, alert.At);
                html.Markup("</p></div></li>");
            }

            html.Markup("</ul>");
        }

        if (samples.Count == 0)
        {
            html.Markup("<p class=\"note\">No samples yet: a training writes one every five seconds to <code>system.jsonl</code>.</p>");
            return;
        }

        var last = samples[^1];
        html.Add($"<p class=\"note\">{(run.IsLive ? "Mean of the last five seconds, at " : "The last sample is of ")}<time datetime=\"{Figures.Stamp(last.At)}\">{(run.IsLive ? "" : $"{Figures.Stamp(last.At)[..10]} ")}{Figures.Clock(last.At)} UTC</time>.</p>");
        Figures.Facts(html,
            ("Processors busy", Percent(last.CpuPercent?.Mean)),
            ("Memory", Memory(last.MemoryUsedBytes?.Mean, last.MemoryTotalBytes)),
            ("Disk, read and written", $"{Rate(last.DiskReadPerSecond?.Mean)}, {Rate(last.DiskWritePerSecond?.Mean)}"),
            ("Network, in and out", $"{Rate(last.NetworkReceivePerSecond?.Mean)}, {Rate(last.NetworkSendPerSecond?.Mean)}"));
        if (last.Gpus.Count == 0)
        {
            html.Markup("<p>No GPU: this training works on the processor.</p>");
        }

        html.Markup("<ul class=\"cards wide\">");
        foreach (var gpu in last.Gpus)
        {
            Gpu(html, gpu);
        }

        html.Markup("</ul>");
        if (samples.Count > 1)
        {
            html.Markup("<div class=\"charts\">");
            Charts(html, samples);
            html.Markup("</div>");
        }
    }

    private static void Gpu(Html html, GpuSample gpu)
    {
        html.Add($"<li class=\"card\"><h3>GPU {gpu.Index}: {gpu.Name ?? Unknown}</h3>");
        if (gpu.Trouble is { } trouble)
        {
            html.Add($"<p class=\"verdict bad\">{trouble}</p></li>");
            return;
        }

        Figures.Facts(html,
            ("Busy", Percent(gpu.GpuPercent?.Mean)),
            ("Memory read or written", Percent(gpu.MemoryControllerPercent?.Mean)),
            ("Memory in use", Memory(gpu.MemoryUsedBytes?.Mean, gpu.MemoryTotalBytes)),
            ("Power", Unit(gpu.PowerWatts?.Mean, "W")),
            ("Temperature", Unit(gpu.TemperatureCelsius?.Mean, "°C")),
            ("Clock", Unit(gpu.SmClockMhz?.Mean, "MHz")));
        if (gpu.Throttling.Count > 0)
        {
            html.Add($"<p class=\"verdict warn\">Slowed by {string.Join(", ", gpu.Throttling)}.</p>");
        }

        html.Markup("<p class=\"note\">Busy: share of the time in which any kernel ran, so one busy multiprocessor reads 100 %. Read or written: share of the time in which memory was accessed, not how full it is.</p></li>");
    }

    private static void Charts(Html html, IReadOnlyList<SystemSample> samples)
    {
        var last = samples[^1];
        double[] minutes = [.. samples.Select(sample => (sample.At - last.At).TotalMinutes)];
        List<LineSeries> busy = [new("Processors busy", "CPU", [.. samples.Select(sample => sample.CpuPercent?.Mean / 100)])];
        List<LineSeries> memory = [new("Memory of the host", "host", [.. samples.Select(sample => sample.MemoryUsedBytes?.Mean / sample.MemoryTotalBytes)])];
        if (last.Gpus.Count > 0)
        {
            // Of several cards the mean: one that stands still lowers it.
            busy.Add(new LineSeries(last.Gpus.Count == 1 ? "GPU busy" : "GPUs busy, mean", "GPU", [.. samples.Select(sample => Mean(sample, gpu => gpu.GpuPercent?.Mean / 100))]));
            memory.Add(new LineSeries(last.Gpus.Count == 1 ? "Memory of the GPU" : "Memory of the GPUs, mean", "GPU", [.. samples.Select(sample => Mean(sample, gpu => gpu.MemoryUsedBytes?.Mean / gpu.MemoryTotalBytes))]));
        }

        Chart(html, "machine-busy", "Busy", "of the time", minutes, busy);
        Chart(html, "machine-memory", "Memory in use", "of all", minutes, memory);
    }

    private static double? Mean(SystemSample sample, Func<GpuSample, double?> figure) => sample.Gpus.Select(figure).Average();

    private static void Chart(Html html, string id, string title, string unit, double[] minutes, List<LineSeries> series) => new LineChart
    {
        Id = id,
        Title = title,
        XName = "Minutes",
        YName = unit,
        X = minutes,
        FormatX = x => x.ToString("0.#", CultureInfo.InvariantCulture),
        Series = series,
        Format = value => Words.Percent(value, 0),
        FormatTick = value => Words.Percent(value, 0),
        Ceiling = 1,
        FromZero = true,
    }.Write(html);

    private static string Percent(double? value) => value is { } percent ? Words.Percent(percent / 100, 0) : Unknown;

    private static string Unit(double? value, string unit) => value is { } number ? $"{Words.Number(number, 0)}\u00a0{unit}" : Unknown;

    private static string Rate(double? bytes) => bytes is { } value ? $"{Bytes(value)}/s" : Unknown;

    private static string Memory(double? used, double? total) => used is { } bytes && total is { } all ? $"{Bytes(bytes)} of {Bytes(all)}" : Unknown;

    private static string Bytes(double bytes) => bytes switch
    {
        >= 1L << 30 => $"{Words.Number(bytes / (1L << 30), 1)}\u00a0GiB",
        >= 1L << 20 => $"{Words.Number(bytes / (1L << 20), 0)}\u00a0MiB",
        _ => $"{Words.Number(bytes / 1024, 0)}\u00a0KiB",
    };
}
