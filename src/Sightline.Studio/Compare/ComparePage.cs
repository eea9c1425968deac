using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Sightline.Runs;
using Sightline.Runs.Report;
using Sightline.Studio.Runs;
using Sightline.Studio.Shared;

namespace Sightline.Studio.Compare;

/// <summary><c>/compare?run=A&amp;run=B</c>: figures side by side, curves over each other, and only the settings that differ.</summary>
internal sealed class ComparePage(StudioOptions options, RunIndex runs)
{
    private const int MostRuns = 8;

    private readonly CurveStore _curves = new();

    public void Map(Endpoints pages)
    {
        pages.Get("/compare", Show);
        pages.Get("/compare/curves", Curves);
    }

    private Task Show(HttpContext context)
    {
        var chosen = Chosen(context);
        var differing = Differing(chosen);
        string[] commands = chosen.Count == 2 ? [$"sightline eval compare {string.Join(' ', chosen.Select(run => Figures.Argument(Path.Combine(options.Runs, run.Name))))}"] : [];
        return context.Page(new Page("Compare", "/runs", commands), new { runs = chosen, settings = differing.Select(line => new { name = line.Name, values = line.Values }) }, html =>
        {
            Layout.Heading(html, "Compare", null, ("Runs", "/runs"));
            Picker(html, chosen);
            if (chosen.Count == 0)
            {
                return;
            }

            FigureTable(html, chosen);
            if (chosen.Count > 1)
            {
                Differences(html, chosen, differing);
            }

            RunPage.ChartPart(html, $"/compare/curves?{string.Join('&', chosen.Select(run => $"run={Figures.Url(run.Name)}"))}", null);
        });
    }

    private void Picker(Html html, IReadOnlyList<RunRow> chosen)
    {
        html.Markup("<form class=\"filters\" method=\"get\" action=\"/compare\">");
        foreach (var run in chosen)
        {
            html.Add($"<input type=\"hidden\" name=\"run\" value=\"{run.Name}\">");
        }

        html.Markup("<div><label for=\"more\">Add a run</label><input id=\"more\" name=\"run\" list=\"all-runs\" autocomplete=\"off\"><datalist id=\"all-runs\">");
        foreach (var run in runs.All().Except(chosen).Take(200))
        {
            html.Add($"<option value=\"{run.Name}\"></option>");
        }

        html.Markup("</datalist></div><button>Add</button></form>");
    }

    private static void FigureTable(Html html, IReadOnlyList<RunRow> chosen)
    {
        var baseline = chosen[0];
        html.Markup("<section aria-labelledby=\"h-figures\"><h2 id=\"h-figures\">Figures</h2><div class=\"scroll card flush\" tabindex=\"0\" role=\"region\" aria-labelledby=\"h-figures\"><table class=\"list\"><thead><tr><th scope=\"col\">Run</th><th scope=\"col\">State</th>");
        html.Markup("<th scope=\"col\">Model</th><th scope=\"col\" class=\"n\">Validation</th><th scope=\"col\" class=\"n\">Against the first</th><th scope=\"col\" class=\"n\">Test</th><th scope=\"col\" class=\"n\">Epochs</th><th scope=\"col\" class=\"n\">Time</th><th scope=\"col\"></th></tr></thead><tbody>");
        foreach (var run in chosen)
        {
            html.Add($"<tr><th scope=\"row\"><a href=\"/runs/{Figures.Url(run.Name)}\">{run.Name}</a></th><td>");
            Figures.State(html, run.State);
            var difference = ReferenceEquals(run, baseline) || run.ValidationAccuracy is null || baseline.ValidationAccuracy is null ? "" : $"{100 * (run.ValidationAccuracy - baseline.ValidationAccuracy):+0.00;−0.00;0.00} points";
            html.Add($"</td><td>{run.Model}</td><td class=\"n strong\">{Words.Percent(run.ValidationAccuracy, 2)}</td><td class=\"n\">{difference}</td><td class=\"n\">{(run.TestAccuracy is { } test ? Words.Percent(test, 2) : "")}</td>");
            html.Add($"<td class=\"n\">{run.Epoch} of {run.Epochs}</td><td class=\"n\">{Words.Duration(run.Seconds)}</td>");
            var others = string.Join('&', chosen.Where(other => other != run).Select(other => $"run={Figures.Url(other.Name)}"));
            html.Add($"<td><a href=\"/compare?{others}\" aria-label=\"Take out {run.Name}\">Take out</a></td></tr>");
        }

        html.Markup("</tbody></table></div></section>");
    }

    private static void Differences(Html html, IReadOnlyList<RunRow> chosen, IReadOnlyList<(string Name, string[] Values)> differing)
    {
        html.Markup("<section aria-labelledby=\"h-differences\"><h2 id=\"h-differences\">What is set differently</h2>");
        if (differing.Count == 0)
        {
            html.Markup("<p>Nothing: all settings are the same.</p></section>");
            return;
        }

        html.Markup("<div class=\"scroll card flush\" tabindex=\"0\" role=\"region\" aria-labelledby=\"h-differences\"><table class=\"list\"><thead><tr><th scope=\"col\">Setting</th>");
        foreach (var run in chosen)
        {
            html.Add($"<th scope=\"col\">{run.Name}</th>");
        }

        html.Markup("</tr></thead><tbody>");
        foreach (var (name, values) in differing)
        {
            html.Add($"<tr><th scope=\"row\"><code>{name}</code></th>");
            foreach (var value in values)
            {
                html.Add($"<td>{value}</td>");
            }

            html.Markup("</tr>");
        }

        html.Markup("</tbody></table></div></section>");
    }

    private static List<(string Name, string[] Values)> Differing(IReadOnlyList<RunRow> chosen)
    {
        var all = chosen.Select(run => Flat(run.Folder.Settings)).ToList();
        return [.. all.SelectMany(settings => settings.Keys).Distinct().Order(StringComparer.Ordinal)
            .Select(name => (Name: name, Values: all.Select(settings => settings.GetValueOrDefault(name, "not set")).ToArray()))
            .Where(line => line.Values.Distinct().Count() > 1)];
    }

    private static Dictionary<string, string> Flat(RunSettings settings)
    {
        var options = JsonSerializer.SerializeToNode(settings.Options, SightlineJson.Indented) as JsonObject ?? [];
        var flat = RunReportGroup.FromJson("General", options).SelectMany(group => group.Entries).ToDictionary(entry => entry.Key, entry => entry.Value);
        flat["data"] = settings.DataLocation;
        flat["data version"] = settings.DataVersion[..Math.Min(12, settings.DataVersion.Length)];
        return flat;
    }

    // The validation curves of each run, over each other.
    private Task Curves(HttpContext context)
    {
        var chosen = Chosen(context);
        var (from, to, most) = (context.Query("from", 0, 0, int.MaxValue - 1), context.Query("to", int.MaxValue - 1, 0, int.MaxValue - 1), context.Query("points", 1600, 20, 8000));
        var found = chosen.Select(run => (Run: run, _curves.Of(run).Charts(from, to, most).Charts)).ToList();
        var charts = found.SelectMany(entry => entry.Charts).DistinctBy(chart => chart.Id).Select(chart => chart with
        {
            Series = [.. found.SelectMany(entry => entry.Charts.Where(other => other.Id == chart.Id).SelectMany(other => other.Series.TakeLast(1)
                .Select(line => line with { Key = $"{entry.Run.Name}", Name = $"{entry.Run.Name}: {line.Name.ToLowerInvariant()}", Label = entry.Run.Name })))],
        });
        return context.Json(new { offset = 0, charts });
    }

    private List<RunRow> Chosen(HttpContext context) =>
        [.. context.Request.Query["run"].OfType<string>().Where(name => name.Length > 0).Distinct().Take(MostRuns).Select(runs.Find)];
}
