using Sightline.Evaluation;

namespace Sightline.Runs.Report;

/// <summary>The whole page, in the order a reader asks: how good, is it sound, where is it weak, from what was it made.</summary>
internal static class ReportPage
{
    public static string Write(RunReportInput input)
    {
        var html = new Html();
        var epochs = OverfittingVerdict.EpochsOf(input.Events);
        var verdict = OverfittingVerdict.Judge(input.Events);
        PageFrame.Begin(html, $"{input.Title} – Sightline report", "Skip to the figures");
        WriteHeader(html, input, epochs.Count > 0);
        html.Markup("<main id=\"main\">");
        HeadlineSection.Write(html, input, epochs, verdict);
        CurvesSection.Write(html, input, epochs, verdict);
        LayersSection.Write(html, input.Events);
        if (input.Evaluation is { } result)
        {
            ClassesSection.Write(html, result);
            ConfusionSection.Write(html, result);
            ReliabilitySection.Write(html, result);
            ThresholdsSection.Write(html, result, input.Thresholds);
        }

        MistakesSection.Write(html, input.Mistakes);
        PairsSection.Write(html, input.ConfusedPairs);
        ExplanationsSection.Write(html, input.Explanations);
        if (input.Data is { } data)
        {
            DataSection.Write(html, data);
        }

        SettingsSection.WriteSettings(html, input.Settings);
        SettingsSection.WriteEnvironment(html, input.Environment);
        SettingsSection.WriteNext(html, input.NextCommands);
        html.Add($"</main><footer><p>Made by Sightline on {PageFrame.Date(input.CreatedAt)}. The same facts for scripts: <code>report.json");
        html.Markup("</code> beside this file.</p></footer></body></html>\n");
        return html.ToString();
    }

    private static void WriteHeader(Html html, RunReportInput input, bool hasEpochs)
    {
        html.Markup("<header><div class=\"wide\">");
        PageFrame.Brand(html, "run report");
        html.Add($"<h1>{input.Title}</h1><ul class=\"meta\">");
        if (input.Model is { } model)
        {
            html.Add($"<li>Model <b>{model}</b></li>");
        }

        if (input.Data is { } data)
        {
            html.Add($"<li>Data <b>{Words.Cut(data.Location, 60)}</b></li><li>Version ");
            html.Add($"<b>{data.Version[..Math.Min(12, data.Version.Length)]}</b></li>");
        }

        html.Add($"<li>Made <b>{PageFrame.Date(input.CreatedAt)}</b></li></ul></div></header><nav aria-label=\"Parts of the report\">");
        html.Markup("<ul class=\"wide\">");
        foreach (var (id, words) in Parts(input, hasEpochs))
        {
            html.Add($"<li><a href=\"#{id}\">{words}</a></li>");
        }

        html.Markup("</ul></nav>");
    }

    private static IEnumerable<(string Id, string Words)> Parts(RunReportInput input, bool hasEpochs)
    {
        (string Id, string Words, bool There)[] parts =
        [
            ("summary", "Summary", true),
            ("curves", "Curves", hasEpochs),
            ("layers", "Layers", LayersSection.IsThere(input.Events)),
            ("classes", "Classes", input.Evaluation is not null),
            ("confusion", "Confusion", input.Evaluation is not null),
            ("calibration", "Calibration", input.Evaluation is not null),
            ("thresholds", "Thresholds", input.Evaluation?.Selective is not null),
            ("mistakes", "Mistakes", input.Mistakes.Count > 0),
            ("pairs", "Pairs", input.ConfusedPairs.Count > 0),
            ("explanations", "Explanations", input.Explanations.Count > 0),
            ("data", "Data", input.Data is not null),
            ("settings", "Settings", input.Settings.Count > 0),
            ("environment", "Environment", input.Environment.Count > 0),
            ("next", "Next", input.NextCommands.Count > 0),
        ];
        return parts.Where(part => part.There).Select(part => (part.Id, part.Words));
    }
}
