namespace Sightline.Curation.Embeddings;

/// <summary>Pictures of one split that a model sees as the same.</summary>
internal sealed record NearDuplicates(
    IReadOnlyList<Finding> Findings, IReadOnlyList<IReadOnlyList<int>> Clusters, double MedianDistance, double MaximumDistance)
{
    /// <summary>Pairs within the limit, joined to clusters: a pair counts where either picture has the other among its neighbours.</summary>
    public static NearDuplicates Find(EmbeddedSplits splits, EmbeddingCheckOptions options)
    {
        var cut = NearCut.Of(splits.Nearest, options);
        var sets = new DisjointSets(splits.Examples.Length);
        var closest = new Dictionary<int, double>();
        foreach (var split in splits.Splits)
        {
            var neighbours = splits.Between(split.Name, split.Name);
            for (var i = 0; i < split.Count; i++)
            {
                var rows = neighbours.Rows(i);
                for (var n = 0; n < rows.Length && neighbours.Distance(i, n) <= cut.Maximum; n++)
                {
                    sets.Join(split.First + i, rows[n]);
                    closest.TryAdd(split.First + i, neighbours.Distance(i, n));
                    closest[rows[n]] = Math.Min(closest.GetValueOrDefault(rows[n], double.MaxValue), neighbours.Distance(i, n));
                }
            }
        }

        var clusters = sets.All().Where(set => set.Length > 1).OrderBy(set => set.Min(row => closest[row])).ThenBy(set => set[0]).ToList();
        return new NearDuplicates(
            [.. clusters.Select(set => Describe(splits, set, set.Min(row => closest[row]), cut))],
            [.. clusters.Select(set => set.Select(row => splits.Examples[row].Index).ToArray())],
            cut.Median,
            cut.Maximum);
    }

    // The first picture stays; the second is the one to act on.
    private static Finding Describe(EmbeddedSplits splits, int[] set, double distance, NearCut cut)
    {
        var labels = set.Select(splits.Class).Distinct().ToList();
        return new Finding
        {
            Kind = "embedding-near-duplicate",
            Severity = labels.Count > 1 ? Severity.Warning : Severity.Note,
            Subject = splits.Name(set[1]),
            Images = [.. set.Skip(1).Append(set[0]).Select(row => splits.Examples[row].Index)],
            Reason = $"The model sees {set.Length} pictures as nearly the same, the first being '{splits.Name(set[0])}': least cosine distance " +
                $"{distance:0.#####}, limit {cut.Maximum:0.#####}. " +
                (labels.Count > 1
                    ? $"Their labels differ ({string.Join(", ", labels)}); look which is right."
                    : "Exclude all but one, or keep them in one split."),
            Score = distance,
        };
    }
}
