using Sightline.Runs.Report;

namespace Sightline.Curation.Report;

/// <summary>How many findings there are, how much they matter, and what was looked for.</summary>
internal static class OverviewSection
{
    public static void Write(Html html, CheckReport report)
    {
        html.Markup("<section id=\"summary\" aria-labelledby=\"h-summary\"><h2 id=\"h-summary\" class=\"hidden\">Summary</h2><ul class=\"cards\">");
        html.Add($"<li class=\"first\"><p class=\"what\">Findings</p><p class=\"figure\">{Words.Count(report.Findings.Count)}</p>");
        html.Add($"<p class=\"note\">of {Words.Plural(report.Kinds.Count(kind => kind.Status == KindStatus.Found), "kind", "kinds")}; ");
        html.Add($"{report.Kinds.Count} were looked for</p></li>");
        Card(html, report, Severity.Error, "Errors", "Results are wrong while these stand");
        Card(html, report, Severity.Warning, "Warnings", "Likely to cost accuracy, or to flatter it");
        Card(html, report, Severity.Note, "Notes", "Worth knowing");
        html.Markup("</ul>");
        WriteVerdict(html, report);
        html.Markup("<div class=\"panel\" style=\"margin-top:1.1rem\"><div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-labelledby=\"c-checks\">");
        html.Markup("<table class=\"checks\"><caption id=\"c-checks\">What was looked for</caption><thead><tr><th scope=\"col\">Kind</th>");
        html.Markup("<th scope=\"col\" class=\"n\">Found</th><th scope=\"col\">State</th><th scope=\"col\">What it is</th></tr></thead><tbody>");
        foreach (var kind in report.Kinds.OrderByDescending(kind => kind.Status == KindStatus.Found))
        {
            html.Markup("<tr><th scope=\"row\">");
            if (kind.Status == KindStatus.Found)
            {
                html.Add($"<a href=\"#{kind.Kind}\">{KindSection.Title(kind.Kind)}</a>");
            }
            else
            {
                html.Add($"{KindSection.Title(kind.Kind)}");
            }

            html.Add($"</th><td class=\"n\">{Words.Count(kind.Count)}</td><td>{State(kind)}</td><td>{kind.Meaning}</td></tr>");
        }

        html.Markup("</tbody></table></div></div></section>");
    }

    private static void Card(Html html, CheckReport report, Severity severity, string title, string note)
    {
        var count = report.Findings.Count(finding => finding.Severity == severity);
        html.Add($"<li><p class=\"what\">{title}</p><p class=\"figure\">{Words.Count(count)}</p><p class=\"note\">{note}</p></li>");
    }

    private static void WriteVerdict(Html html, CheckReport report)
    {
        Severity? worst = report.Findings.Count == 0 ? null : report.Findings.Max(finding => finding.Severity);
        var (tone, sign, word, sentence) = worst switch
        {
            Severity.Error => ("bad", "✕", "Mend the errors first", "Figures of a model trained on these data would be wrong or flattering."),
            Severity.Warning => ("warn", "!", "Usable, with doubts", "Look at the warnings before spending money on training."),
            Severity.Note => ("info", "i", "Sound", "There are notes only."),
            _ => ("good", "✓", "Sound", "Nothing was found."),
        };
        html.Add($"<div class=\"verdict {tone}\"><span class=\"sign\" aria-hidden=\"true\">{sign}</span><div><p class=\"word\">{word}</p><p>{sentence}</p></div></div>");
    }

    private static string State(KindOutcome kind) => kind switch
    {
        { Status: KindStatus.Ok } => "✓ ok",
        { Status: KindStatus.LeftOut } => "– usual here, left out",
        { Severity: Severity.Error } => "✕ error",
        { Severity: Severity.Warning } => "! warning",
        _ => "i note",
    };
}
