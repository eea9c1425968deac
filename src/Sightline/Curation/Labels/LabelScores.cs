namespace Sightline.Curation.Labels;

/// <summary>The label-quality scores of <see cref="LabelQuality"/>.</summary>
/// <remarks>cleanlab's rank.py; Kuan and Mueller, "Model-agnostic label quality scoring to detect real-world label errors" (2022), section 3.</remarks>
internal static class LabelScores
{
    private const double Smallest = 1e-6;

    public static double Of(LabelQuality kind, ReadOnlySpan<float> row, int label) => kind switch
    {
        LabelQuality.SelfConfidence => row[label],
        LabelQuality.ConfidenceWeightedEntropy => ConfidenceWeightedEntropy(row, label),
        _ => NormalizedMargin(row, label),
    };

    private static double NormalizedMargin(ReadOnlySpan<float> row, int label)
    {
        var other = 0.0;
        for (var k = 0; k < row.Length; k++)
        {
            other = k == label ? other : Math.Max(other, row[k]);
        }

        return (row[label] - other + 1) / 2;
    }

    private static double ConfidenceWeightedEntropy(ReadOnlySpan<float> row, int label)
    {
        var entropy = 0.0;
        foreach (double value in row)
        {
            entropy -= value > 0 ? value * Math.Log(value) : 0;
        }

        // One class has no entropy; r goes to 0 and the score to its limit 1.
        var share = row.Length == 1 ? 0 : entropy / Math.Log(row.Length);
        var r = Math.Max(share / Math.Max(row[label], Smallest), Smallest);
        return Math.Log(1 + r) / r;
    }
}
