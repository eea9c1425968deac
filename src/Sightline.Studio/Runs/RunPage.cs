using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Sightline.Runs;
using Sightline.Runs.Report;
using Sightline.Studio.Shared;
using Sightline.Studio.Tips;

namespace Sightline.Studio.Runs;

/// <summary><c>/runs/RUN</c>: live curves, state, log and settings of one run.</summary>
internal sealed class RunPage(StudioOptions options, RunIndex runs, CurveStore curves, SamplesPart samples, TimeProvider time)
{
    private const int LogShown = 100;
    private const int MostPoints = 8000;

    public void Map(Endpoints pages)
    {
        pages.Get("/runs/{run}", Show);
        pages.Get("/runs/{run}/curves", Curves);
        pages.Get("/runs/{run}/live", Live);
        pages.Get("/runs/{run}/report", Report);
        new ControlPart(runs, time).Map(pages);
        new MachinePart(runs).Map(pages);
        samples.Map(pages);
    }

    private Task Show(HttpContext context)
    {
        var run = runs.Find(context.Part("run"));
        var log = curves.Of(run).Log(LogShown);
        var requests = ControlPart.Requests(run, curves.Of(run).Answers(), time);
        var advice = AdviceCards.Of(run, time, isAsked: context.Query("advice") is not null);
        var argument = Figures.Argument(Path.Combine(options.Runs, run.Name));
        var page = new Page(run.Name, "/runs", [$"sightline run show {argument} --advice", .. run.State is RunState.Stopped or RunState.Failed ? (string[])[$"sightline train resume {argument}"] : []]);
        return context.Page(page, new { run, settings = run.Folder.Settings, advice, requests, log }, html =>
        {
            Layout.Heading(html, run.Name, null, ("Runs", "/runs"));
            StateLine(html, run);
            html.Markup("<nav class=\"tabs\" aria-label=\"Of this run\"><ul>");
            if (run.HasReport)
            {
                html.Add($"<li><a href=\"/runs/{Figures.Url(run.Name)}/evaluate\">Evaluation</a></li><li><a href=\"/runs/{Figures.Url(run.Name)}/report\">Report</a></li>");
            }

            if (run.HasWeights)
            {
                html.Add($"<li><a href=\"/models/try?run={Figures.Url(run.Name)}\">Try a picture</a></li>");
            }

            html.Add($"<li><a href=\"/compare?run={Figures.Url(run.Name)}\">Compare</a></li></ul></nav>");
            Figures.Facts(html,
                ("Best validation", Words.Percent(run.ValidationAccuracy, 2)),
                ("Test", Words.Percent(run.TestAccuracy, 2)),
                ("Model", run.Model),
                ("Picture size", $"{run.Folder.Settings.Preprocessing.CropSize} pixels"),
                ("Classes", $"{run.Folder.Settings.Classes.Count}"),
                ("Data", $"{run.Data} ({run.Folder.Settings.DataVersion[..Math.Min(8, run.Folder.Settings.DataVersion.Length)]})"));
            ControlPart.Write(html, context, run, requests);
            if (advice is null)
            {
                html.Markup("<p><a href=\"?advice=1\">Say what limits this run</a> <span class=\"note\">(it has many events; this takes some seconds)</span></p>");
            }
            else if (advice.Count > 0)
            {
                html.Markup("<section aria-labelledby=\"h-advice\"><h2 id=\"h-advice\">What limits it</h2>");
                AdviceCards.Write(html, advice);
                html.Markup("</section>");
            }

            ChartPart(html, $"/runs/{Figures.Url(run.Name)}/curves", run.State is RunState.Running or RunState.Paused or RunState.Stalled ? $"/runs/{Figures.Url(run.Name)}/live" : null);
            MachinePart.Section(html, run);
            SamplesPart.Section(html, run);
            LogPart(html, log);
            SettingsPart(html, run.Folder.Settings);
        });
    }

    /// <summary>Where the script draws the charts.</summary>
    public static void ChartPart(Html html, string curves, string? live)
    {
        html.Markup("<section aria-labelledby=\"h-curves\"><div class=\"row\"><h2 id=\"h-curves\">Curves</h2><div class=\"tools\" role=\"group\" aria-label=\"Range of the curves\">");
        foreach (var (act, sign, words) in new[] { ("left", "←", "Earlier"), ("in", "+", "Closer"), ("out", "−", "Wider"), ("right", "→", "Later"), ("all", "All", "All of the run") })
        {
            html.Add($"<button type=\"button\" data-range=\"{act}\" title=\"{words}\">");
            html.Add($"<span aria-hidden=\"true\">{sign}</span><span class=\"hidden\">{words}</span></button>");
        }

        html.Add($"</div></div><p class=\"note\">Drag over a chart to look closer; the buttons do the same.</p><div class=\"charts\" id=\"curves\" data-curves=\"{curves}\"");
        if (live is not null)
        {
            html.Add($" data-live=\"{live}\"");
        }

        html.Markup("><p class=\"note\" id=\"curves-wait\">Reading the curves …</p></div></section>");
    }

    private static void StateLine(Html html, RunRow run)
    {
        html.Markup("<p class=\"state-line\" id=\"state\">");
        Figures.State(html, run.State);
        html.Add($"<span>Epoch <b data-live-epoch>{run.Epoch}</b> of {run.Epochs}</span><span>");
        Figures.Progress(html, run.State == RunState.Finished ? 1 : run.Done, "Share of the steps done");
        html.Add($"</span><span>{Words.Duration(run.Seconds)} so far</span>");
        if (run.SecondsLeft is { } left)
        {
            html.Add($"<span>about {Words.Duration(left)} left</span>");
        }

        if (run.LastSignAt is { } sign)
        {
            html.Markup("<span>last sign of life ");
            Figures.Ago(html, sign);
            html.Markup("</span>");
        }

        if (run.State is RunState.Running or RunState.Paused or RunState.Stalled)
        {
            html.Markup("<button type=\"button\" class=\"quiet\" id=\"pause-live\" aria-pressed=\"false\">Pause updates</button>");
        }

        html.Markup("</p>");
        if (run.StateReason is { } why)
        {
            html.Add($"<p class=\"note\">{why}</p>");
        }
    }

    private static void LogPart(Html html, IReadOnlyList<RunCurves.LogLine> log)
    {
        html.Markup("<section aria-labelledby=\"h-log\"><h2 id=\"h-log\">Log</h2><div class=\"card scroll log\" tabindex=\"0\" role=\"log\" aria-labelledby=\"h-log\" aria-live=\"off\"><ol id=\"log\">");
        foreach (var line in log)
        {
            html.Add($"<li><time datetime=\"{Figures.Stamp(line.At)}\">{Figures.Clock(line.At)}</time> <span>{line.Text}</span></li>");
        }

        html.Markup("</ol></div></section>");
    }

    private static void SettingsPart(Html html, RunSettings settings)
    {
        html.Markup("<section aria-labelledby=\"h-settings\"><h2 id=\"h-settings\">Settings</h2><details class=\"card\"><summary>All settings of this run</summary><div class=\"groups\">");
        var options = JsonSerializer.SerializeToNode(settings.Options, SightlineJson.Indented) as JsonObject ?? [];
        foreach (var group in RunReportGroup.FromJson("General", options))
        {
            html.Add($"<div><h3>{group.Title}</h3><dl class=\"pairs\">");
            foreach (var (name, value) in group.Entries)
            {
                html.Add($"<div><dt><code>{name}</code></dt><dd>{value}</dd></div>");
            }

            html.Markup("</dl></div>");
        }

        html.Add($"</div><p class=\"note\">Sightline {settings.SightlineVersion}; {settings.Environment.OperatingSystem}; {settings.Environment.Processor}; {settings.Environment.LibTorch}</p></details></section>");
    }

    private Task Curves(HttpContext context)
    {
        var run = runs.Find(context.Part("run"));
        var (charts, offset) = curves.Of(run).Charts(Step(context, "from", 0), Step(context, "to", int.MaxValue - 1), context.Query("points", 1600, 20, MostPoints));
        return context.Json(new { offset, charts });
    }

    private Task Live(HttpContext context)
    {
        var run = runs.Find(context.Part("run"));
        var after = context.Request.Headers["Last-Event-ID"] is { Count: > 0 } last && long.TryParse(last, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? number : Step(context, "after", 0);
        return LiveEvents.Send(context, Path.Combine(run.Folder.Path, "metrics.jsonl"), after, time);
    }

    // The report has its style inside and no script; it is held to that, and kept apart from the studio.
    private Task Report(HttpContext context)
    {
        var run = runs.Find(context.Part("run"));
        if (Confined.Resolve(run.Folder.Path, run.Folder.ReportHtml) is not { } file)
        {
            throw new NotFoundException($"The run '{run.Name}' has no report yet. 'sightline eval report {Path.Combine(options.Runs, run.Name)}' writes one.");
        }

        context.Response.Headers.ContentSecurityPolicy = "sandbox; default-src 'none'; img-src data:; style-src 'unsafe-inline'; frame-ancestors 'none'";
        context.Response.ContentType = "text/html; charset=utf-8";
        return context.Response.SendFileAsync(file, context.RequestAborted);
    }

    private static long Step(HttpContext context, string name, long fallback) =>
        long.TryParse(context.Query(name), NumberStyles.None, CultureInfo.InvariantCulture, out var value) ? value : fallback;
}
