using Sightline.Evaluation;

namespace Sightline.Runs.Report;

/// <summary>Precision, recall and F1 of each class, the weakest first.</summary>
internal static class ClassesSection
{
    private const int MaximumRows = 100;

    public static void Write(Html html, EvaluationResult result)
    {
        var weakestFirst = result.PerClass.OrderBy(entry => entry.Support == 0).ThenBy(entry => entry.F1).ToArray();
        var shown = weakestFirst.Take(MaximumRows).ToArray();
        var absent = result.PerClass.Count(entry => entry.Support == 0);

        // All bars share one axis, cut at a round tenth so that intervals of good classes can be told apart.
        var low = shown.Where(entry => entry.Support > 0).Select(entry => Math.Min(entry.RecallInterval.Low, entry.PrecisionInterval.Low))
            .DefaultIfEmpty(0).Min();
        var from = Math.Min(0.9, Math.Floor(10 * low) / 10);

        var which = shown.Length < result.PerClass.Count
            ? $"The {shown.Length} weakest of {Words.Count(result.PerClass.Count)} classes"
            : "Every class";

        html.Markup("<section id=\"classes\" aria-labelledby=\"h-classes\"><h2 id=\"h-classes\">Classes</h2><div class=\"panel\">");
        html.Markup("<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-labelledby=\"c-classes\"><table class=\"classes\">");
        html.Markup("<caption ");
        html.Add($"id=\"c-classes\">{which}, ");
        html.Add($"the weakest F1 first. The bars run from {Words.Percent(from, 0)} to {Words.Percent(1, 0)}; line: value, band: ");
        html.Markup("95&#160;% interval (Wilson).</caption>");
        html.Markup("<thead><tr><th scope=\"col\">Class</th><th scope=\"col\" class=\"n\">Pictures</th><th scope=\"col\" class=\"n\">F1");
        html.Markup("</th><th scope=\"col\">Recall: found of the class</th><th scope=\"col\">Precision: right when named</th></tr>");
        html.Markup("</thead><tbody>");
        foreach (var entry in shown)
        {
            html.Add($"<tr><th scope=\"row\">{entry.Name}</th><td class=\"n\">{Words.Count(entry.Support)}</td>");
            html.Add($"<td class=\"n strong\">{Words.Percent(entry.F1)}</td>");
            WriteShare(html, entry.Recall, entry.RecallInterval, entry.Support, from, 0);
            WriteShare(html, entry.Precision, entry.PrecisionInterval, entry.Predicted, from, 1);
            html.Markup("</tr>");
        }

        html.Markup("</tbody><tfoot>");
        WriteAverage(html, "Macro average", result.Macro);
        WriteAverage(html, "Weighted average", result.Weighted);
        html.Markup("</tfoot></table></div>");
        if (absent > 0)
        {
            html.Add($"<p class=\"note\">{Words.Plural(absent, "class has", "classes have")} no picture in this set. As in ");
            html.Markup("scikit-learn with zero_division=0, ");
            html.Markup("such a class counts with zeros in the macro average; balanced accuracy leaves it out.</p>");
        }

        html.Markup("</div></section>");
    }

    private static void WriteShare(Html html, double share, Interval interval, int count, double from, int series)
    {
        if (count == 0)
        {
            html.Markup("<td class=\"bar\"><span class=\"none\">no pictures</span></td>");
            return;
        }

        double At(double value) => 2 + 176 * (Math.Clamp(value, from, 1) - from) / (1 - from);
        html.Add($"<td class=\"bar\"><span class=\"v\">{Words.Percent(share)}</span>");
        html.Add($"<svg class=\"whisker s{series}\" viewBox=\"0 0 180 16\" aria-hidden=\"true\">");
        html.Add($"<path class=\"rail\" d=\"M2 8H178\"/><rect class=\"w\" x=\"{At(interval.Low)}\" y=\"3\" ");
        html.Add($"width=\"{Math.Max(2, At(interval.High) - At(interval.Low))}\" height=\"10\" rx=\"2\"/>");
        html.Add($"<path class=\"v\" d=\"M{At(share)} 1V15\"/></svg>");
        html.Add($"<span class=\"i\">{Words.Number(100 * interval.Low, 1)} to {Words.Number(100 * interval.High, 1)}</span></td>");
    }

    private static void WriteAverage(Html html, string name, AveragedMetrics average)
    {
        html.Add($"<tr><th scope=\"row\">{name}</th><td></td><td class=\"n strong\">{Words.Percent(average.F1)}</td>");
        html.Add($"<td class=\"bar\"><span class=\"v\">{Words.Percent(average.Recall)}</span></td><td class=\"bar\">");
        html.Add($"<span class=\"v\">{Words.Percent(average.Precision)}</span></td></tr>");
    }
}
