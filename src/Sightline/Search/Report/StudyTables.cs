using Sightline.Runs.Report;
using Sightline.Tuning;

namespace Sightline.Search.Report;

/// <summary>The study's tables: candidates over seeds, how many trials reached each rung, all trials.</summary>
internal static class StudyTables
{
    private const int MostTrials = 1000;

    /// <summary>The candidates that were trained again, mean and deviation over seeds.</summary>
    public static void Winners(Html html, StudyReportInput input)
    {
        if (input.Winners.Count == 0)
        {
            return;
        }

        html.Markup("<section id=\"winners\"><h2>Winners</h2><div class=\"panel scroll\"><table><caption>The best trials, trained again with other seeds: mean and deviation. The first is the winner.</caption>");
        html.Markup("<thead><tr><th scope=\"col\">Trial</th><th scope=\"col\" class=\"n\">In the study</th><th scope=\"col\" class=\"n\">Validation</th><th scope=\"col\" class=\"n\">Test</th><th scope=\"col\">Settings</th></tr></thead><tbody>");
        foreach (var row in input.Winners)
        {
            var trial = input.Trials.FirstOrDefault(trial => trial.Number == row.Number);
            html.Add($"<tr><th scope=\"row\">{(row.Number is { } number ? $"{number}" : "recipe")}</th><td class=\"n\">{input.Format(trial?.Value)}</td><td class=\"n\">{Spread(row.Validation)}</td>");
            html.Add($"<td class=\"n\">{Spread(row.Test)}</td><td class=\"cfg\">{Settings(row.Configuration)}</td></tr>");
        }

        html.Markup("</tbody></table></div></section>");
    }

    /// <summary>How many trials reached each rung and went on from it.</summary>
    public static void Rungs(Html html, StudyReportInput input)
    {
        if (input.Rungs.Count == 0)
        {
            return;
        }

        html.Markup("<section id=\"rungs\"><h2>Rungs</h2><div class=\"panel scroll\"><table><caption>Trials that came to each place at which they are compared, and those that went on from it.</caption>");
        html.Add($"<thead><tr><th scope=\"col\">{input.StepName}</th><th scope=\"col\" class=\"n\">Reached</th><th scope=\"col\" class=\"n\">Went on</th><th scope=\"col\">Share of all trials</th></tr></thead><tbody>");
        for (var i = 0; i < input.Rungs.Count; i++)
        {
            var step = input.Rungs[i];
            var reached = input.Trials.Count(trial => trial.Reports.Count > 0 && trial.Reports[^1].Step >= step);
            var passed = input.Trials.Count(trial => trial.Reports.Count > 0 && (trial.Reports[^1].Step > step || trial.State is TrialState.Complete or TrialState.Running) && trial.Reports[^1].Step >= step);
            html.Add($"<tr><th scope=\"row\">{Words.Count(step)}</th><td class=\"n\">{reached}</td><td class=\"n\">{passed}</td>");
            html.Add($"<td><span class=\"c\">{Words.Percent((double)reached / input.Trials.Count, 0)}</span><span class=\"count-bar\" style=\"width:{100.0 * reached / input.Trials.Count}%\"></span></td></tr>");
        }

        var complete = input.Complete.Count;
        html.Add($"<tr><th scope=\"row\">end</th><td class=\"n\">{complete}</td><td class=\"n\">–</td><td><span class=\"c\">{Words.Percent((double)complete / input.Trials.Count, 0)}</span>");
        html.Add($"<span class=\"count-bar\" style=\"width:{100.0 * complete / input.Trials.Count}%\"></span></td></tr></tbody></table></div></section>");
    }

    /// <summary>All trials, the best first.</summary>
    public static void Trials(Html html, StudyReportInput input)
    {
        html.Markup("<section id=\"trials\"><h2>Trials</h2><div class=\"panel scroll\"><table><caption>The best first; then those stopped early, by how far they came.</caption><thead><tr><th scope=\"col\">Trial</th>");
        var hasMemory = input.Trials.Any(trial => trial.PlannedMemoryBytes is not null);
        html.Add($"<th scope=\"col\">State</th><th scope=\"col\" class=\"n\">{input.ValueName}</th><th scope=\"col\" class=\"n\">{input.StepName}</th><th scope=\"col\" class=\"n\">Time</th>");
        html.Markup(hasMemory ? "<th scope=\"col\" class=\"n\">Memory planned / used</th>" : "");
        html.Markup("<th scope=\"col\">Settings</th></tr></thead><tbody>");
        foreach (var trial in input.Trials.OrderBy(trial => trial.Value is { } value && double.IsFinite(value) ? input.Loss(value) : double.PositiveInfinity)
            .ThenByDescending(trial => trial.Reports.Count > 0 ? trial.Reports[^1].Step : -1).Take(MostTrials))
        {
            html.Add($"<tr><th scope=\"row\">{trial.Number}</th><td>{trial.State.ToString().ToLowerInvariant()}</td><td class=\"n\">{input.Format(trial.Value ?? (trial.Reports.Count > 0 ? trial.Reports[^1].Value : null))}</td>");
            html.Add($"<td class=\"n\">{(trial.Reports.Count > 0 ? Words.Count(trial.Reports[^1].Step) : "–")}</td><td class=\"n\">{(trial.Hours is { } hours ? Words.Duration(3600 * hours) : "–")}</td>");
            if (hasMemory)
            {
                html.Add($"<td class=\"n\">{Memory(trial.PlannedMemoryBytes)} / {Memory(trial.PeakMemoryBytes)}</td>");
            }

            html.Add($"<td class=\"cfg\">{Settings(trial.Configuration)}</td></tr>");
        }

        html.Markup("</tbody></table></div></section>");
    }

    private static string Memory(long? bytes) => bytes is { } known ? $"{Words.Number(known / (double)(1 << 30), 2)} GiB" : "–";

    private static string Settings(Configuration configuration) => configuration.Values.Count == 0 ? "as in the recipe"
        : string.Join(", ", configuration.Values.Select(pair => $"{pair.Key} {StudyPage.Text(pair.Value)}"));

    private static string Spread(IReadOnlyList<double> values) => values.Count == 0 ? "–" : $"{Words.Percent(values.Average(), 2)} ± {Words.Number(100 * WinnerCheck.Deviation(values), 2)}";
}
