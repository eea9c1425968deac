namespace Sightline.Evaluation;

/// <summary>A model that may leave pictures to a person: how right it is on those that it is surest of.</summary>
/// <remarks>El-Yaniv and Wiener 2010; Geifman and El-Yaniv 2017.</remarks>
public sealed record SelectivePrediction
{
    private static readonly double[] _coverages = [1, 0.99, 0.98, 0.95, 0.9, 0.85, 0.8, 0.75, 0.7, 0.65, 0.6, 0.55, 0.5, 0.4, 0.3, 0.2, 0.1];

    /// <summary>
    /// Mean share of mistakes over all coverages, 0..1; low is good. Unlike accuracy it rewards a model that is unsure where it is wrong.
    /// </summary>
    public required double RiskCoverageArea { get; init; }

    /// <summary>From all pictures to the surest tenth.</summary>
    public required IReadOnlyList<SelectivePoint> Points { get; init; }

    internal static SelectivePrediction Of(int[] labels, Score[] scores)
    {
        // Stable, so that equal confidences keep the order of the set.
        var order = Enumerable.Range(0, scores.Length).OrderByDescending(i => scores[i].Confidence).ToArray();
        var hits = new int[order.Length + 1];
        var risk = 0.0;
        for (var i = 0; i < order.Length; i++)
        {
            hits[i + 1] = hits[i] + (scores[order[i]].Predicted == labels[order[i]] ? 1 : 0);
            risk += 1 - ((double)hits[i + 1] / (i + 1));
        }

        return new SelectivePrediction
        {
            RiskCoverageArea = risk / order.Length,
            Points = [.. _coverages.Select(share => Math.Max(1, (int)Math.Round(share * order.Length))).Distinct().Select(kept => new SelectivePoint
            {
                Coverage = (double)kept / order.Length,
                Kept = kept,
                Threshold = scores[order[kept - 1]].Confidence,
                Accuracy = (double)hits[kept] / kept,
            })],
        };
    }

    /// <summary>The pictures whose highest probability reaches a threshold; their accuracy is 0 where none does.</summary>
    internal static SelectivePoint At(int[] labels, Score[] scores, double threshold)
    {
        var kept = Enumerable.Range(0, scores.Length).Where(i => scores[i].Confidence >= threshold).ToList();
        return new SelectivePoint
        {
            Coverage = (double)kept.Count / scores.Length,
            Kept = kept.Count,
            Threshold = threshold,
            Accuracy = kept.Count == 0 ? 0 : (double)kept.Count(i => scores[i].Predicted == labels[i]) / kept.Count,
        };
    }
}

/// <summary>The pictures above one threshold of the highest probability.</summary>
public sealed record SelectivePoint
{
    /// <summary>Share of the pictures that is answered, 0..1.</summary>
    public required double Coverage { get; init; }

    /// <summary>Pictures answered.</summary>
    public required int Kept { get; init; }

    /// <summary>The least of their highest probabilities, 0..1: answer from this one on.</summary>
    public required double Threshold { get; init; }

    /// <summary>Share of them that is right, 0..1.</summary>
    public required double Accuracy { get; init; }
}
