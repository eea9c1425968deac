namespace Sightline.Curation.Embeddings;

/// <summary>Pictures far from all others.</summary>
internal sealed record Outliers(IReadOnlyList<Finding> Findings, double MinimumDistance)
{
    // Quartiles of fewer values say nothing.
    private const int FewestPictures = 20;

    /// <summary>Tukey's fence over the mean distance to the neighbours, as Datalab's outlier issue.</summary>
    public static Outliers Find(EmbeddedSplits splits, EmbeddingCheckOptions options)
    {
        var means = new double[splits.Examples.Length];
        foreach (var neighbours in splits.Nearest)
        {
            for (var i = 0; i < neighbours.Count; i++)
            {
                var count = neighbours.Rows(i).Length;
                means[neighbours.First + i] = count == 0 ? 0 : Enumerable.Range(0, count).Average(n => neighbours.Distance(i, n));
            }
        }

        if (means.Length < FewestPictures)
        {
            return new Outliers([], 2);
        }

        double[] sorted = [.. means.Order()];
        var (low, high) = (Quantiles.Of(sorted, 0.25), Quantiles.Of(sorted, 0.75));
        var fence = high + (options.OutlierRanges * (high - low));
        var rows = Enumerable.Range(0, means.Length).Where(row => means[row] > fence).OrderByDescending(row => means[row]);
        return new Outliers([.. rows.Select(row => Describe(splits, row, means[row], fence, options))], fence);
    }

    private static Finding Describe(EmbeddedSplits splits, int row, double distance, double fence, EmbeddingCheckOptions options) => new()
    {
        Kind = "outlier",
        Severity = Severity.Note,
        Subject = splits.Name(row),
        Images = [splits.Examples[row].Index],
        Reason = $"Its mean cosine distance to its {options.Neighbours} nearest pictures is {distance:0.####}, the limit {fence:0.####}: " +
            $"the model knows little like it. Look whether it belongs to '{splits.Class(row)}' and to this data set.",
        Score = distance,
    };
}
