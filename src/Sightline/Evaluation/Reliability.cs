namespace Sightline.Evaluation;

/// <summary>Distance of stated probability and truth, by bins of the highest probability (Guo et al. 2017, equations 3 and 5).</summary>
/// <param name="Bins">From low to high.</param>
/// <param name="Error">Expected calibration error, 0..1.</param>
/// <param name="LargestError">Maximum calibration error, 0..1.</param>
internal sealed record Reliability(IReadOnlyList<ReliabilityBin> Bins, double Error, double LargestError)
{
    public static Reliability Of(int[] labels, Score[] scores, int bins)
    {
        var counts = new int[bins];
        var hits = new int[bins];
        var confidence = new double[bins];
        for (var i = 0; i < scores.Length; i++)
        {
            var bin = BinOf(scores[i].Confidence, bins);
            counts[bin]++;
            hits[bin] += scores[i].Predicted == labels[i] ? 1 : 0;
            confidence[bin] += scores[i].Confidence;
        }

        ReliabilityBin[] all = [.. Enumerable.Range(0, bins).Select(bin => new ReliabilityBin
        {
            Low = (double)bin / bins,
            High = (bin + 1.0) / bins,
            Count = counts[bin],
            Confidence = counts[bin] == 0 ? null : confidence[bin] / counts[bin],
            Accuracy = counts[bin] == 0 ? null : (double)hits[bin] / counts[bin],
        })];
        var gaps = all.Where(bin => bin.Count > 0)
            .Select(bin => (Gap: Math.Abs(bin.Accuracy.GetValueOrDefault() - bin.Confidence.GetValueOrDefault()), bin.Count))
            .ToArray();
        return new Reliability(all, gaps.Sum(bin => bin.Gap * bin.Count) / (double)scores.Length, gaps.Max(bin => bin.Gap));
    }

    /// <summary>The bin (low, high] of a confidence; the product may round across a bound, so the bounds decide.</summary>
    private static int BinOf(double confidence, int bins)
    {
        var bin = Math.Clamp((int)Math.Ceiling(confidence * bins) - 1, 0, bins - 1);
        if (bin > 0 && confidence <= (double)bin / bins)
        {
            return bin - 1;
        }

        return bin < bins - 1 && confidence > (bin + 1.0) / bins ? bin + 1 : bin;
    }
}
