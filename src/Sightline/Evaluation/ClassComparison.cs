namespace Sightline.Evaluation;

/// <summary>Two models on one class. Differences are second minus first.</summary>
public sealed record ClassComparison
{
    /// <summary>The class.</summary>
    public required string Name { get; init; }

    /// <summary>Pictures of this class.</summary>
    public required int Support { get; init; }

    /// <summary>Recall of the first, 0..1.</summary>
    public required double FirstRecall { get; init; }

    /// <summary>Recall of the second, 0..1.</summary>
    public required double SecondRecall { get; init; }

    /// <summary>Second minus first.</summary>
    public required double RecallDifference { get; init; }

    /// <summary>F1 of the first, 0..1.</summary>
    public required double FirstF1 { get; init; }

    /// <summary>F1 of the second, 0..1.</summary>
    public required double SecondF1 { get; init; }

    /// <summary>Second minus first.</summary>
    public required double F1Difference { get; init; }

    /// <summary>Whether recalls differ by more than chance, for this class looked at alone.</summary>
    public required McNemarTest McNemar { get; init; }

    /// <summary>Its p-value, raised because all classes were looked at (Holm 1979), 0..1.</summary>
    public required double AdjustedPValue { get; init; }

    internal static ClassComparison[] All(
        int[] labels, Score[] first, Score[] second, IReadOnlyList<ClassMetrics> firstFigures, IReadOnlyList<ClassMetrics> secondFigures)
    {
        var only = new (int First, int Second)[firstFigures.Count];
        for (var i = 0; i < labels.Length; i++)
        {
            var (one, other) = (first[i].Predicted == labels[i], second[i].Predicted == labels[i]);
            only[labels[i]].First += one && !other ? 1 : 0;
            only[labels[i]].Second += other && !one ? 1 : 0;
        }

        var tests = only.Select(counts => McNemarTest.Of(counts.First, counts.Second)).ToArray();
        var adjusted = Holm([.. tests.Select(test => test.PValue)]);
        return [.. tests.Select((test, k) => new ClassComparison
        {
            Name = firstFigures[k].Name,
            Support = firstFigures[k].Support,
            FirstRecall = firstFigures[k].Recall,
            SecondRecall = secondFigures[k].Recall,
            RecallDifference = secondFigures[k].Recall - firstFigures[k].Recall,
            FirstF1 = firstFigures[k].F1,
            SecondF1 = secondFigures[k].F1,
            F1Difference = secondFigures[k].F1 - firstFigures[k].F1,
            McNemar = test,
            AdjustedPValue = adjusted[k],
        })];
    }

    private static double[] Holm(double[] values)
    {
        var order = Enumerable.Range(0, values.Length).OrderBy(k => values[k]).ToArray();
        var adjusted = new double[values.Length];
        var largest = 0.0;
        for (var rank = 0; rank < order.Length; rank++)
        {
            largest = Math.Max(largest, Math.Min(1, (values.Length - rank) * values[order[rank]]));
            adjusted[order[rank]] = largest;
        }

        return adjusted;
    }
}
