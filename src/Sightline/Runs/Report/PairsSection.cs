namespace Sightline.Runs.Report;

/// <summary>Pictures of the pairs of classes that are confused most.</summary>
internal static class PairsSection
{
    private const int MaximumPairs = 4;
    private const int MaximumPictures = 3;

    public static void Write(Html html, IReadOnlyList<RunReportPair> pairs)
    {
        if (pairs.Count == 0)
        {
            return;
        }

        html.Markup("<section id=\"pairs\" aria-labelledby=\"h-pairs\"><h2 id=\"h-pairs\">Most confused pairs</h2>");
        html.Markup("<p>Would a person tell these apart from the picture alone? If not, the classes overlap or the labels differ by more than the ");
        html.Markup("picture shows; if so, more pictures of both help.</p>");
        foreach (var (pair, mistakes) in pairs.Take(MaximumPairs))
        {
            html.Add($"<h3>{pair.TrueClass} taken for {pair.PredictedClass}: {Words.Plural(pair.Count, "picture", "pictures")}, {Words.Percent(pair.Share)} of the class</h3>");
            MistakesSection.WriteGallery(html, mistakes.Take(MaximumPictures), Thumbnail.SmallSide);
        }

        html.Markup("</section>");
    }
}
