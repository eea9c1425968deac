namespace Sightline.Curation.Embeddings;

/// <summary>Pictures of a split that should be unseen with a near duplicate in another split.</summary>
internal sealed record Leakage(IReadOnlyList<Finding> Findings, IReadOnlyList<SplitLeakage> Splits)
{
    /// <summary>The rule of near duplicates with one split's pictures as queries and another's as the base, for each pair of splits.</summary>
    public static Leakage Find(EmbeddedSplits splits, EmbeddingCheckOptions options)
    {
        var findings = new List<Finding>();
        var tables = new List<SplitLeakage>();
        for (var query = splits.Splits.Count - 1; query > 0; query--)
        {
            for (var other = 0; other < query; other++)
            {
                Find(splits, splits.Splits[query], splits.Splits[other], options, findings, tables);
            }
        }

        return new Leakage(findings, tables);
    }

    private static void Find(
        EmbeddedSplits splits, EmbeddedSplit query, EmbeddedSplit other, EmbeddingCheckOptions options, List<Finding> findings, List<SplitLeakage> tables)
    {
        var neighbours = splits.Between(query.Name, other.Name);
        var cut = NearCut.Of([neighbours], options);
        var leaked = Enumerable.Range(0, query.Count).Where(i => neighbours.Distance(i, 0) <= cut.Maximum).OrderBy(i => neighbours.Distance(i, 0)).ToList();
        findings.AddRange(leaked.Select(i => Describe(splits, query, other, i, neighbours, cut)));
        var isLeaked = leaked.ToHashSet();
        tables.Add(new SplitLeakage(
            query.Name,
            other.Name,
            query.Count,
            leaked.Count,
            leaked.Count == 0 ? null : leaked.Count(i => splits.Class(query.First + i) == splits.Class(neighbours.Rows(i)[0])) / (double)leaked.Count,
            cut.Maximum,
            Accuracy(splits, query, _ => true),
            Accuracy(splits, query, i => !isLeaked.Contains(i))));
    }

    private static double? Accuracy(EmbeddedSplits splits, EmbeddedSplit query, Func<int, bool> counts) =>
        LeakageAccuracy.Share(Enumerable.Range(0, query.Count).Where(counts).Select(i => splits.IsRight[query.First + i]));

    private static Finding Describe(EmbeddedSplits splits, EmbeddedSplit query, EmbeddedSplit other, int place, Neighbours neighbours, NearCut cut)
    {
        var (row, twin) = (query.First + place, neighbours.Rows(place)[0]);
        return new Finding
        {
            Kind = "embedding-leakage",
            Severity = query.Name == "test" ? Severity.Error : Severity.Warning,
            Subject = splits.Name(row),
            Images = [splits.Examples[row].Index, splits.Examples[twin].Index],
            Reason = $"The {query.Name} picture is nearly the {other.Name} picture '{splits.Name(twin)}' to the model: cosine distance " +
                $"{neighbours.Distance(place, 0):0.#####}, limit {cut.Maximum:0.#####}; " +
                $"labels '{splits.Class(row)}' and '{splits.Class(twin)}'. Keep both in one split, or exclude one.",
            Score = neighbours.Distance(place, 0),
        };
    }
}
