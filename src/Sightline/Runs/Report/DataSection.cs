using System.Globalization;
using Sightline.Data;

namespace Sightline.Runs.Report;

/// <summary>What the model learnt from and was judged on.</summary>
internal static class DataSection
{
    private const int MaximumClasses = 200;
    private const int OpenClasses = 40;
    private const int MaximumNotices = 50;

    public static void Write(Html html, RunReportData data)
    {
        html.Markup("<section id=\"data\" aria-labelledby=\"h-data\"><h2 id=\"h-data\">Data</h2><div class=\"panel\">");
        html.Markup("<dl class=\"pairs-list\">");
        html.Add($"<div><dt>Read from</dt><dd><code>{data.Location}</code></dd></div><div><dt>Version</dt><dd>");
        html.Add($"<code class=\"hash\">{data.Version}</code></dd></div>");
        html.Add($"<div><dt>Classes</dt><dd>{Words.Count(data.Classes.Count)}</dd></div>");
        foreach (var split in data.Splits)
        {
            html.Add($"<div><dt>{split.Name} split</dt><dd>{Words.Plural(split.Counts.Sum(), "picture", "pictures")}{Balance(split)}");
            html.Markup("</dd></div>");
        }

        html.Markup("</dl>");
        if (data.Classes.Count > OpenClasses)
        {
            html.Add($"<details><summary>Pictures of each class ({Words.Count(data.Classes.Count)} classes)</summary>");
            WriteCounts(html, data);
            html.Markup("</details>");
        }
        else
        {
            WriteCounts(html, data);
        }

        WriteNotices(html, data.Notices);
        html.Markup("</div></section>");
    }

    private static string Balance(RunReportSplit split)
    {
        var present = split.Counts.Where(count => count > 0).DefaultIfEmpty(0).ToArray();
        var (least, most) = (present.Min(), present.Max());
        return least == most ? $", {Words.Count(most)} of each class" : $", {Words.Count(least)} to {Words.Count(most)} of a class";
    }

    private static void WriteCounts(Html html, RunReportData data)
    {

        // Each split has its own scale: the bars are there to show imbalance.
        int[] most = [.. data.Splits.Select(split => split.Counts.DefaultIfEmpty(0).Max())];
        var rows = Math.Min(MaximumClasses, data.Classes.Count);
        html.Markup("<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-labelledby=\"c-data\"><table class=\"counts\">");
        html.Add($"<caption id=\"c-data\">Pictures of each class{(rows < data.Classes.Count ? $", the first {rows} classes" : "")}");
        html.Markup("</caption><thead><tr><th scope=\"col\">Class</th>");
        foreach (var split in data.Splits)
        {
            html.Add($"<th scope=\"col\">{split.Name}</th>");
        }

        html.Markup("</tr></thead><tbody>");
        for (var k = 0; k < rows; k++)
        {
            html.Add($"<tr><th scope=\"row\">{data.Classes[k]}</th>");
            for (var s = 0; s < most.Length; s++)
            {
                var count = data.Splits[s].Counts[k];
                var share = most[s] == 0 ? 0 : 100.0 * count / most[s];
                html.Add($"<td><span class=\"c\">{Words.Count(count)}</span><span class=\"count-bar\" style=\"width:{Css(share)}%\">");
                html.Markup("</span></td>");
            }

            html.Markup("</tr>");
        }

        html.Markup("</tbody></table></div>");
    }

    private static void WriteNotices(Html html, IReadOnlyList<DataNotice> notices)
    {
        if (notices.Count == 0)
        {
            html.Markup("<p class=\"note\">Nothing was skipped, and no class is missing in a split.</p>");
            return;
        }

        html.Markup("<div class=\"verdict warn\"><span class=\"sign\" aria-hidden=\"true\">!</span><div>");
        html.Add($"<p class=\"word\">{Words.Plural(notices.Count, "notice", "notices")} about the data</p>");
        html.Add($"<details><summary>Show{(notices.Count > MaximumNotices ? $" the first {MaximumNotices}" : "")}</summary>");
        html.Markup("<div class=\"scroll\"><table><caption>Notices about the data</caption><thead><tr><th scope=\"col\">What</th>");
        html.Markup("<th scope=\"col\">Where</th><th scope=\"col\">Why</th></tr></thead><tbody>");
        foreach (var notice in notices.Take(MaximumNotices))
        {
            html.Add($"<tr><th scope=\"row\">{notice.Kind.Replace('-', ' ')}</th><td><code>{notice.Subject}</code></td>");
            html.Add($"<td>{notice.Reason}</td></tr>");
        }

        html.Markup("</tbody></table></div></details></div></div>");
    }

    private static string Css(double value) => value.ToString("0.#", CultureInfo.InvariantCulture);
}
