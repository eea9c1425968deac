using Sightline.Data;

namespace Sightline.Runs.Report;

/// <summary>Where the model found its answers.</summary>
internal static class ExplanationsSection
{
    private const int Maximum = 10;

    public static void Write(Html html, IReadOnlyList<RunReportExplanation> explanations)
    {
        if (explanations.Count == 0)
        {
            return;
        }

        html.Markup("<section id=\"explanations\" aria-labelledby=\"h-explanations\"><h2 id=\"h-explanations\">What the model looked at</h2>");
        html.Markup("<p class=\"note\">Bright and warm: places that spoke for a class; dark: places that did not (Grad-CAM, Selvaraju et al. 2017, on the ");
        html.Markup("last convolution stage, so the map is coarse). Heat on the background or on a label means that the model learnt something else than ");
        html.Markup("the object. Wrong answers first, then right ones.</p><ul class=\"heats\">");
        foreach (var entry in explanations.Take(Maximum))
        {
            html.Markup("<li>");
            Picture(html, entry.Picture, "the picture", $"{entry.TrueClass}, {entry.Name}");
            Picture(html, entry.Heat, $"for {entry.PredictedClass}", $"What spoke for {entry.PredictedClass} in {entry.Name}");
            if (entry.TrueHeat is { } truth)
            {
                Picture(html, truth, $"for {entry.TrueClass}", $"What spoke for {entry.TrueClass} in {entry.Name}");
            }

            html.Add($"<div class=\"about\"><p><span class=\"tag\">is</span> <b>{entry.TrueClass}</b></p>");
            if (entry.TrueHeat is null)
            {
                html.Add($"<p>recognised, {Words.Percent(entry.Probability)} sure</p>");
            }
            else
            {
                html.Add($"<p><span class=\"tag wrong\">taken for</span> <b>{entry.PredictedClass}</b>, {Words.Percent(entry.Probability)} sure</p>");
            }

            html.Add($"<p class=\"file\">{Words.Cut(entry.Name, 60)}</p></div></li>");
        }

        html.Markup("</ul></section>");
    }

    private static void Picture(Html html, PixelImage image, string caption, string words)
    {
        var small = Math.Max(image.Width, image.Height) <= 64;
        html.Add($"<figure><div class=\"shot{(small ? " small" : "")}\"><img src=\"{Thumbnail.DataUri(image, Thumbnail.SmallSide)}\" alt=\"{words}\"/></div>");
        html.Add($"<figcaption>{caption}</figcaption></figure>");
    }
}
