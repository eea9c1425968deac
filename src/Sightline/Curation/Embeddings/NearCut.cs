namespace Sightline.Curation.Embeddings;

/// <summary>The distance up to which pictures are near duplicates.</summary>
/// <remarks>
/// Datalab's rule is relative: below a share of the median distance to the nearest picture. Where most pictures have a near twin that median is small
/// itself, so a fixed cosine stands beside it, unless it would take in most of the set.
/// </remarks>
internal readonly record struct NearCut(double Median, double Maximum)
{
    private const double MostPictures = 0.5;

    /// <param name="nearest">Distance of each picture to its nearest one; sorted here.</param>
    /// <param name="options">Both limits.</param>
    public static NearCut Of(double[] nearest, EmbeddingCheckOptions options)
    {
        if (nearest.Length == 0)
        {
            return new NearCut(0, 0);
        }

        Array.Sort(nearest);
        var median = Quantiles.Of(nearest, 0.5);
        var relative = options.NearShare * median;
        var absolute = options.NearCosine < 1 ? 1 - options.NearCosine : 0;
        var within = nearest.Count(distance => distance <= absolute);
        return new NearCut(median, within <= MostPictures * nearest.Length ? Math.Max(relative, absolute) : relative);
    }
}
