using Sightline.Data;
using Sightline.Runs;
using Sightline.Runs.Report;

namespace Sightline.Curation.Report;

/// <summary>The report of a data set's checks as one HTML page that needs nothing else.</summary>
public static class CheckReportPage
{
    private const string Css = """
        .checks{min-width:40rem}.checks td:nth-child(3){white-space:nowrap}
        .kind>p{max-width:60rem;margin-bottom:.6rem}
        .pair{display:grid;grid-template-columns:1fr 1fr;gap:2px}
        .gallery.pairs-of{grid-template-columns:repeat(auto-fill,minmax(min(100%,15rem),1fr))}
        .plain li{padding:.4rem 0;border-bottom:1px solid var(--line);overflow-wrap:anywhere}

        """;

    /// <summary>The page as text: valid HTML without scripts or outside references, with thumbnails; below 5 MB.</summary>
    /// <param name="report">What was found.</param>
    /// <param name="data">The data set that was checked; its pictures are decoded for thumbnails.</param>
    /// <param name="createdAt">When the report is made.</param>
    public static string Html(CheckReport report, ImageDataset data, DateTimeOffset createdAt)
    {
        ArgumentNullException.ThrowIfNull(report);
        ArgumentNullException.ThrowIfNull(data);
        var html = new Html();
        PageFrame.Begin(html, $"{report.Location} – Sightline data check", "Skip to the findings", Css);
        WriteHeader(html, report, createdAt);
        html.Markup("<main id=\"main\">");
        OverviewSection.Write(html, report);
        var thumbnails = new Thumbnails(data.Images);
        foreach (var kind in report.Kinds.Where(kind => kind.Status == KindStatus.Found))
        {
            KindSection.Write(html, kind, [.. report.Findings.Where(finding => finding.Kind == kind.Kind)], data, thumbnails);
        }

        DataSection.Write(html, RunReportData.From(data));
        html.Add($"</main><footer><p>Made by Sightline on {PageFrame.Date(createdAt)}. The same facts for scripts: ");
        html.Add($"<code>sightline data check {report.Location} --json</code>. Nothing was changed.</p></footer></body></html>\n");
        return html.ToString();
    }

    private static void WriteHeader(Html html, CheckReport report, DateTimeOffset createdAt)
    {
        html.Markup("<header><div class=\"wide\">");
        PageFrame.Brand(html, "data check");
        html.Add($"<h1>{Words.Cut(report.Location, 80)}</h1><ul class=\"meta\"><li>Pictures <b>{Words.Count(report.Pictures)}</b></li>");
        html.Add($"<li>Classes <b>{Words.Count(report.Classes)}</b></li>");
        html.Add($"<li>Version <b>{report.Version[..Math.Min(12, report.Version.Length)]}</b></li>");
        html.Add($"<li>Made <b>{PageFrame.Date(createdAt)}</b></li></ul></div></header><nav aria-label=\"Parts of the report\"><ul class=\"wide\">");
        html.Markup("<li><a href=\"#summary\">Summary</a></li>");
        foreach (var kind in report.Kinds.Where(kind => kind.Status == KindStatus.Found))
        {
            html.Add($"<li><a href=\"#{kind.Kind}\">{KindSection.Title(kind.Kind)}</a></li>");
        }

        html.Markup("<li><a href=\"#data\">Data</a></li></ul></nav>");
    }
}
