using Sightline.Evaluation;

namespace Sightline.Runs.Report;

/// <summary>What is gained by answering only where the model is sure, and by a threshold per class.</summary>
internal static class ThresholdsSection
{
    private const int MaximumClasses = 100;

    public static void Write(Html html, EvaluationResult result, IReadOnlyList<ClassThresholds> classes)
    {
        if (result.Selective is not { } selective)
        {
            return;
        }

        html.Markup("<section id=\"thresholds\" aria-labelledby=\"h-thresholds\"><h2 id=\"h-thresholds\">Thresholds</h2><div class=\"charts\">");
        SelectivePoint[] points = [.. selective.Points.OrderBy(point => point.Coverage)];
        new LineChart
        {
            Id = "selective",
            Title = "Answering only where it is sure",
            XName = "Answered, percent",
            YName = "Right of those",
            X = [.. points.Select(point => Math.Round(100 * point.Coverage))],
            Series = [new LineSeries("Right of the answered", "right", [.. points.Select(point => (double?)point.Accuracy)])],
            Format = value => Words.Percent(value, 2),
            FormatTick = value => $"{Words.Short(100 * value)}\u00a0%",
            LowIsGood = false,
            Ceiling = 1,
        }.Write(html);
        html.Markup("</div><p class=\"note\">The pictures are sorted by the highest probability; the least sure are left to a person. ");
        if (points.LastOrDefault(point => point.Coverage <= 0.9) is { } ninety)
        {
            html.Add($"Answering from a probability of {Words.Percent(ninety.Threshold)} on leaves {Words.Percent(1 - ninety.Coverage)} out and is right on ");
            html.Add($"{Words.Percent(ninety.Accuracy, 2)} of the rest. ");
        }

        html.Add($"Area of mistakes over coverage: {Words.Short(selective.RiskCoverageArea)}.</p>");
        WriteClasses(html, classes);
        html.Markup("</section>");
    }

    private static void WriteClasses(Html html, IReadOnlyList<ClassThresholds> classes)
    {
        if (classes.Count == 0)
        {
            return;
        }

        html.Add($"<details><summary>Best threshold of each class ({Words.Count(Math.Min(classes.Count, MaximumClasses))})</summary><div class=\"scroll\"><table>");
        html.Markup("<caption>Each class against all others: the probability from which on calling a picture this class gives the highest F1 on these ");
        html.Markup("pictures. Chosen and judged on the same pictures, so it flatters; <code>eval thresholds</code> takes others.</caption><thead><tr>");
        html.Markup("<th scope=\"col\">Class</th><th scope=\"col\" class=\"n\">Pictures</th><th scope=\"col\" class=\"n\">Average precision</th>");
        html.Markup("<th scope=\"col\" class=\"n\">Best threshold</th><th scope=\"col\" class=\"n\">F1 there</th></tr></thead><tbody>");
        foreach (var entry in classes.Take(MaximumClasses))
        {
            html.Add($"<tr><th scope=\"row\">{entry.Name}</th><td class=\"n\">{Words.Count(entry.Support)}</td><td class=\"n\">{Words.Percent(entry.AveragePrecision)}</td>");
            html.Add($"<td class=\"n\">{Words.Percent(entry.BestThreshold)}</td><td class=\"n\">{Words.Percent(entry.BestF1)}</td></tr>");
        }

        html.Markup("</tbody></table></div></details>");
    }
}
