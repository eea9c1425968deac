using Sightline.Runs.Report;
using Sightline.Tuning;

namespace Sightline.Search.Report;

/// <summary>The report of a study as one page that needs nothing from outside: what was found, what it cost, what mattered, what was tried.</summary>
internal static class StudyPage
{
    /// <summary>The charts' style; the studio shows them too.</summary>
    public const string Css = """
        .plot .dot{fill:var(--accent);fill-opacity:.55}.plot .dot.pruned{fill:none;stroke:var(--axis)}.plot .dot.best{fill:var(--second);fill-opacity:1}
        .plot .lead{fill:none;stroke:var(--second);stroke-width:2.2}
        .slices{display:grid;gap:1rem;grid-template-columns:repeat(auto-fill,minmax(min(100%,19rem),1fr))}
        .slices figure{background:var(--card);border:1px solid var(--line);border-radius:12px;padding:1rem}
        .slices .plot{min-width:0}.slices h3{overflow-wrap:anywhere}
        .parallel-box{display:inline-block;min-width:100%}.parallel-box>svg:first-child{display:block}
        .parallel path.t{fill:none;stroke:var(--axis);stroke-width:1.1;stroke-opacity:.35}
        .parallel path.t.top{stroke:var(--accent);stroke-width:1.8;stroke-opacity:.9}.parallel path.t.best{stroke:var(--second);stroke-width:2.6;stroke-opacity:1}
        .parallel .name{font-weight:600;fill:var(--text)}
        .share{display:grid;grid-template-columns:minmax(8rem,16rem) minmax(0,1fr) 4rem;gap:.3rem 1rem;align-items:center;padding:.3rem 0}
        .share .name{overflow-wrap:anywhere}.share svg{width:100%;height:18px}.share .n{padding:0}
        .share rect.a{fill:var(--accent)}.share rect.b{fill:var(--second)}.share rect.track{fill:var(--line)}
        .legend .a{background:var(--accent)}.legend .b{background:var(--second)}.legend .pruned{border:1.5px solid var(--axis);border-radius:50%}
        .cfg{font-size:.85rem;overflow-wrap:anywhere;min-width:16rem}

        """;

    /// <summary>Writes the page.</summary>
    public static string Write(StudyReportInput input)
    {
        var html = new Html();
        var hasImportance = input.Complete.Count > 2;
        var hasCosts = input.Complete.Any(trial => trial.CostUsd > 0 || trial.Hours is not null);
        PageFrame.Begin(html, $"{input.Name} – Sightline study", "Skip to the figures", Css);
        html.Markup("<header><div class=\"wide\">");
        PageFrame.Brand(html, "study report");
        html.Add($"<h1>{input.Name}</h1><ul class=\"meta\"><li>Sampler <b>{input.Sampler}</b></li><li>Objective <b>{input.ValueName}</b></li>");
        html.Add($"<li>Made <b>{PageFrame.Date(input.CreatedAt)}</b></li></ul></div></header><nav aria-label=\"Parts of the report\"><ul class=\"wide\">");
        foreach (var (id, words, isThere) in new[]
        {
            ("summary", "Summary", true), ("winners", "Winners", input.Winners.Count > 0), ("history", "History", input.Complete.Count > 0), ("cost", "Cost", hasCosts),
            ("importance", "Importance", hasImportance), ("slices", "Slices", input.Complete.Count > 0), ("parallel", "Parallel", input.Complete.Count > 0),
            ("rungs", "Rungs", input.Rungs.Count > 0), ("trials", "Trials", true),
        })
        {
            if (isThere)
            {
                html.Add($"<li><a href=\"#{id}\">{words}</a></li>");
            }
        }

        html.Markup("</ul></nav><main id=\"main\">");
        Summary(html, input);
        StudyTables.Winners(html, input);
        StudyCharts.History(html, input);
        if (hasCosts)
        {
            StudyCharts.Cost(html, input);
        }

        if (hasImportance)
        {
            ImportanceSection.Write(html, input);
        }

        StudyCharts.Slices(html, input);
        ParallelSection.Write(html, input);
        StudyTables.Rungs(html, input);
        StudyTables.Trials(html, input);
        html.Add($"</main><footer><p>Made by Sightline on {PageFrame.Date(input.CreatedAt)}.</p></footer></body></html>\n");
        return html.ToString();
    }

    private static void Summary(Html html, StudyReportInput input)
    {
        html.Markup("<section id=\"summary\"><h2>Summary</h2><ul class=\"cards\"><li class=\"first\">");
        html.Add($"<p class=\"what\">Best {input.ValueName}</p><p class=\"figure\">{input.Format(input.Best?.Value)}</p>");
        html.Add($"<p class=\"note\">{(input.Best is { } best ? $"Trial {best.Number}. One run: the best of many is partly luck; see winners." : "No trial is complete yet.")}</p></li>");
        int Count(TrialState state) => input.Trials.Count(trial => trial.State == state);
        html.Add($"<li><p class=\"what\">Trials</p><p class=\"figure\">{Words.Count(input.Trials.Count)}</p><p class=\"note\">{Words.Count(Count(TrialState.Complete))} complete, ");
        html.Add($"{Words.Count(Count(TrialState.Pruned))} stopped early, {Words.Count(Count(TrialState.Failed) + Count(TrialState.Infeasible))} failed or infeasible</p></li>");
        html.Add($"<li><p class=\"what\">Time</p><p class=\"figure\">{Words.Duration(3600 * input.Trials.Sum(trial => trial.Hours ?? 0))}</p><p class=\"note\">of all trials together</p></li>");
        html.Add($"<li><p class=\"what\">Cost</p><p class=\"figure\">${Words.Number((double)input.Trials.Sum(trial => trial.CostUsd ?? 0), 2)}</p><p class=\"note\">at the price per hour that was given</p></li></ul>");
        if (input.Best is { } winner)
        {
            html.Markup("<div class=\"panel\"><h3>Settings of the best trial</h3><dl class=\"pairs-list\">");
            foreach (var (name, value) in winner.Configuration.Values)
            {
                html.Add($"<div><dt><code>{name}</code></dt><dd>{Text(value)}</dd></div>");
            }

            html.Markup("</dl></div>");
        }

        html.Markup("</section>");
    }

    /// <summary>A value of a parameter as people read it.</summary>
    public static string Text(ParameterValue value) => value.Choice ?? StudyReportInput.Compact(value.Number);
}
