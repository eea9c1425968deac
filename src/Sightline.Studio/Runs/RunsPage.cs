using Microsoft.AspNetCore.Http;
using Sightline.Runs.Report;
using Sightline.Studio.Shared;

namespace Sightline.Studio.Runs;

/// <summary><c>/runs</c>: all runs, a page at a time.</summary>
internal sealed class RunsPage(StudioOptions options, RunIndex runs)
{
    private const int PerPage = 50;

    public void Map(Endpoints pages) => pages.Get("/runs", Show);

    /// <summary>The table of runs; the home page shows it too.</summary>
    public static void Table(Html html, IReadOnlyList<RunRow> rows, bool canChoose)
    {
        html.Markup("<div class=\"scroll card flush\" tabindex=\"0\" role=\"region\" aria-label=\"Runs\"><table class=\"list\"><thead><tr>");
        html.Markup(canChoose ? "<th scope=\"col\"><span class=\"hidden\">Compare</span></th>" : "");
        html.Markup("<th scope=\"col\">Run</th><th scope=\"col\">State</th><th scope=\"col\">Model</th><th scope=\"col\">Data</th><th scope=\"col\">Started</th>");
        html.Markup("<th scope=\"col\" class=\"n\">Epochs</th><th scope=\"col\" class=\"n\">Validation</th><th scope=\"col\" class=\"n\">Test</th><th scope=\"col\" class=\"n\">Time</th></tr></thead><tbody>");
        foreach (var row in rows)
        {
            html.Markup("<tr>");
            if (canChoose)
            {
                html.Add($"<td><label class=\"tick\"><input type=\"checkbox\" name=\"run\" value=\"{row.Name}\"><span class=\"hidden\">Compare {row.Name}</span></label></td>");
            }

            html.Add($"<th scope=\"row\"><a href=\"/runs/{Figures.Url(row.Name)}\">{row.Name}</a></th><td>");
            Figures.State(html, row.State);
            html.Add($"</td><td>{row.Model}</td><td>{row.Data}</td><td>");
            Figures.Ago(html, row.CreatedAt);
            html.Add($"</td><td class=\"n\">{row.Epoch} of {row.Epochs}</td><td class=\"n strong\">{Words.Percent(row.ValidationAccuracy, 2)}</td>");
            html.Add($"<td class=\"n\">{(row.TestAccuracy is { } test ? Words.Percent(test, 2) : "")}</td><td class=\"n\">{Words.Duration(row.Seconds)}</td></tr>");
        }

        html.Markup("</tbody></table></div>");
    }

    private Task Show(HttpContext context)
    {
        var (search, state, order) = (context.Query("q"), context.Query("state"), context.Query("sort") ?? "newest");
        var all = runs.All();
        var matching = Sort(all.Where(row => Matches(row, search, state)), order).ToList();
        var pagesInAll = Math.Max(1, (matching.Count + PerPage - 1) / PerPage);
        var at = context.Query("page", 1, 1, pagesInAll);
        var shown = matching.Skip((at - 1) * PerPage).Take(PerPage).ToList();
        return context.Page(new Page("Runs", "/runs", $"sightline run list --runs {Figures.Argument(options.Runs)}"), new { total = all.Count, matching = matching.Count, page = at, pages = pagesInAll, runs = shown }, html =>
        {
            Layout.Heading(html, "Runs", all.Count == 0 ? null : $"{Words.Plural(all.Count, "run", "runs")} in {options.Runs}. Tick two or more to compare them.");
            if (all.Count == 0)
            {
                Layout.Nothing(html, "No runs yet", "A run is one training: its settings, curves, weights and report. This one takes about five minutes on two processor cores and needs no data of your own:", "sightline quickstart");
                return;
            }

            html.Markup("<form class=\"filters\" method=\"get\" action=\"/runs\" role=\"search\"><div><label for=\"q\">Name, model or data</label>");
            html.Add($"<input id=\"q\" name=\"q\" type=\"search\" value=\"{search}\"></div>");
            Choice(html, "state", "State", state, ("", "All"), ("running", "Running"), ("finished", "Finished"), ("paused", "Paused"), ("stopped", "Stopped"), ("failed", "Failed"), ("stalled", "Stalled"), ("unknown", "Unknown"));
            Choice(html, "sort", "Order", order, ("newest", "Newest first"), ("best", "Best validation first"), ("longest", "Longest first"), ("name", "Name"));
            html.Markup("<button>Show</button></form><form method=\"get\" action=\"/compare\">");
            if (shown.Count == 0)
            {
                html.Markup("<p class=\"card\">No run matches. <a href=\"/runs\">Show all</a></p>");
            }
            else
            {
                Table(html, shown, canChoose: true);
                html.Markup("<div class=\"row\"><button class=\"primary\">Compare the ticked runs</button>");
                Layout.Pager(html, at, pagesInAll, page => $"/runs?q={Figures.Url(search ?? "")}&state={Figures.Url(state ?? "")}&sort={Figures.Url(order)}&page={page}");
                html.Markup("</div>");
            }

            html.Markup("</form>");
        });
    }

    private static void Choice(Html html, string id, string name, string? chosen, params (string Value, string Words)[] choices)
    {
        html.Add($"<div><label for=\"{id}\">{name}</label><select id=\"{id}\" name=\"{id}\">");
        foreach (var (value, words) in choices)
        {
            Layout.Choice(html, value, words, value == (chosen ?? ""));
        }

        html.Markup("</select></div>");
    }

    private static bool Matches(RunRow row, string? search, string? state) =>
        (search is null || new[] { row.Name, row.Model, row.Data }.Any(text => text.Contains(search, StringComparison.OrdinalIgnoreCase)))
        && (state is null || row.State.ToString().Equals(state, StringComparison.OrdinalIgnoreCase));

    private static IEnumerable<RunRow> Sort(IEnumerable<RunRow> rows, string order) => order switch
    {
        "best" => rows.OrderByDescending(row => row.ValidationAccuracy ?? -1),
        "longest" => rows.OrderByDescending(row => row.Seconds),
        "name" => rows.OrderBy(row => row.Name, StringComparer.OrdinalIgnoreCase),
        _ => rows,
    };
}
