using Sightline.Data;
using Sightline.Runs.Report;

namespace Sightline.Curation.Report;

/// <summary>The findings of one kind, with their pictures.</summary>
internal static class KindSection
{
    /// <summary>Findings shown as pictures, of each kind.</summary>
    public const int Shown = 12;

    private const int Listed = 200;

    public static void Write(Html html, KindOutcome kind, IReadOnlyList<Finding> findings, ImageDataset data, Thumbnails thumbnails)
    {
        html.Add($"<section id=\"{kind.Kind}\" class=\"kind\" aria-labelledby=\"h-{kind.Kind}\"><h2 id=\"h-{kind.Kind}\">{Title(kind.Kind)}: ");
        html.Add($"{Words.Count(findings.Count)}</h2><p>{kind.Meaning} <b>{kind.Advice}</b></p>");
        var pictured = findings.Where(finding => finding.Images.Count > 0).Take(Shown).ToList();
        if (pictured.Count > 0)
        {
            WriteGallery(html, pictured, data, thumbnails);
        }

        var rest = findings.Except(pictured, ReferenceEqualityComparer.Instance).Cast<Finding>().ToList();
        if (rest.Count > 0)
        {
            WriteList(html, rest, isOpen: pictured.Count == 0);
        }

        html.Markup("</section>");
    }

    /// <summary><c>near-duplicate</c> as <c>Near duplicate</c>.</summary>
    public static string Title(string kind) => char.ToUpperInvariant(kind[0]) + kind[1..].Replace('-', ' ');

    private static void WriteGallery(Html html, IReadOnlyList<Finding> findings, ImageDataset data, Thumbnails thumbnails)
    {
        var isPairs = findings.Any(finding => finding.Images.Count > 1);
        html.Add($"<ul class=\"gallery{(isPairs ? " pairs-of" : "")}\">");
        foreach (var finding in findings)
        {
            html.Markup(finding.Images.Count > 1 ? "<li><figure><div class=\"pair\">" : "<li><figure><div>");
            foreach (var image in finding.Images.Take(2))
            {
                thumbnails.Write(html, image, $"{Title(finding.Kind)}: {data.Images.Name(image)}");
            }

            html.Add($"</div><figcaption><p class=\"file\">{Words.Cut(finding.Subject, 64)}</p><p>{finding.Reason}</p></figcaption></figure></li>");
        }

        html.Markup("</ul>");
    }

    private static void WriteList(Html html, IReadOnlyList<Finding> findings, bool isOpen)
    {
        html.Markup(isOpen ? "<details open=\"open\"><summary>" : "<details><summary>");
        html.Add($"{Words.Count(findings.Count)} ");
        html.Add($"{(isOpen ? "listed" : "more")}{(findings.Count > Listed ? $", the first {Listed} shown" : "")}</summary><ul class=\"plain\">");
        foreach (var finding in findings.Take(Listed))
        {
            html.Add($"<li><code>{finding.Subject}</code> {finding.Reason}</li>");
        }

        html.Markup("</ul></details>");
    }
}
