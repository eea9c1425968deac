namespace Sightline.Runs.Report;

/// <summary>The pictures with the highest loss.</summary>
internal static class MistakesSection
{
    /// <summary>Bounds the page's size; see <see cref="Thumbnail.MaximumSide"/>.</summary>
    public const int Maximum = 36;

    private const int Open = 12;

    public static void Write(Html html, IReadOnlyList<RunReportMistake> mistakes)
    {
        if (mistakes.Count == 0)
        {
            return;
        }

        html.Markup("<section id=\"mistakes\" aria-labelledby=\"h-mistakes\"><h2 id=\"h-mistakes\">Worst mistakes</h2>");
        html.Markup("<p>Where the model is surest of a wrong answer. Look here first: wrong labels, cropped objects and classes that ");
        html.Markup("overlap show up among these.</p>");
        WriteGallery(html, mistakes.Take(Open));
        var more = Math.Min(Maximum, mistakes.Count) - Open;
        if (more > 0)
        {
            html.Add($"<details><summary>{more} more</summary>");
            WriteGallery(html, mistakes.Skip(Open).Take(more));
            html.Markup("</details>");
        }

        html.Markup("</section>");
    }

    internal static void WriteGallery(Html html, IEnumerable<RunReportMistake> mistakes, int side = Thumbnail.MaximumSide)
    {
        html.Markup("<ul class=\"gallery\">");
        foreach (var (mistake, image) in mistakes)
        {
            html.Markup("<li><figure>");
            if (image is null)
            {
                html.Markup("<div class=\"shot none\">no picture</div>");
            }
            else
            {
                // Small pictures are shown enlarged with hard edges: blurring them hides what the model saw.
                var small = Math.Max(image.Width, image.Height) <= 64;
                html.Add($"<div class=\"shot{(small ? " small" : "")}\"><img src=\"{Thumbnail.DataUri(image, side)}\" ");
                html.Add($"alt=\"{mistake.TrueClass}, taken for {mistake.PredictedClass}, {mistake.Name}\"/></div>");
            }

            html.Add($"<figcaption><p><span class=\"tag\">is</span> <b>{mistake.TrueClass}</b></p><p>");
            html.Add($"<span class=\"tag wrong\">taken for</span> <b>{mistake.PredictedClass}</b></p>");
            html.Add($"<p class=\"sure\">{Words.Percent(mistake.Probability)} sure</p><p class=\"file\">{Words.Cut(mistake.Name, 48)}");
            html.Markup("</p></figcaption></figure></li>");
        }

        html.Markup("</ul>");
    }
}
