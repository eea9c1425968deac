namespace Sightline.Curation.Embeddings;

/// <summary>The distance up to which pictures are near duplicates.</summary>
/// <remarks>
/// Datalab's rule is relative: below a share of the median distance to the nearest picture. Where most pictures have a near twin that median is itself
/// one between twins, so fastdup's fixed cosine stands beside it. A classifier's last layer may see a whole class above that cosine, though: a network
/// of 4 epochs had 96 % of Fashion-MNIST there. So it counts only where few pictures lie above it or where the median is one between twins.
/// </remarks>
internal readonly record struct NearCut(double Median, double Maximum)
{
    private const double FewPictures = 0.1;

    /// <param name="neighbours">Searches whose queries are judged; those without any neighbour are left out.</param>
    /// <param name="options">Both limits.</param>
    public static NearCut Of(IEnumerable<Neighbours> neighbours, EmbeddingCheckOptions options)
    {
        var nearest = new List<double>();
        var farthest = new List<double>();
        foreach (var search in neighbours)
        {
            for (var i = 0; i < search.Count; i++)
            {
                if (search.Rows(i).Length is > 0 and var count)
                {
                    nearest.Add(search.Distance(i, 0));
                    farthest.Add(search.Distance(i, count - 1));
                }
            }
        }

        if (nearest.Count == 0)
        {
            return new NearCut(0, 0);
        }

        var median = Quantiles.Of([.. nearest.Order()], 0.5);
        var relative = options.NearShare * median;
        var absolute = options.NearCosine < 1 ? 1 - options.NearCosine : 0;
        var areFew = nearest.Count(distance => distance <= absolute) <= FewPictures * nearest.Count;
        var isBetweenTwins = median < options.NearShare * Quantiles.Of([.. farthest.Order()], 0.5);
        return new NearCut(median, areFew || isBetweenTwins ? Math.Max(relative, absolute) : relative);
    }
}
