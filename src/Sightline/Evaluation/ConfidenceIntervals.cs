namespace Sightline.Evaluation;

/// <summary>95 % confidence intervals of shares and of macro F1.</summary>
internal static class ConfidenceIntervals
{
    // The 0.975 quantile of the standard normal distribution.
    private const double Z = 1.959963984540054;

    /// <summary>
    /// Wilson's score interval (1927): unlike the usual p ± z s it never leaves 0..1 and stays honest near 0 and 1.
    /// Of no trials nothing is known: 0 to 1.
    /// </summary>
    public static Interval Wilson(int hits, int trials)
    {
        if (trials == 0)
        {
            return new Interval(0, 1);
        }

        double n = trials;
        var share = hits / n;
        var scale = 1 + Z * Z / n;
        var centre = (share + Z * Z / (2 * n)) / scale;
        var half = Z * Math.Sqrt(share * (1 - share) / n + Z * Z / (4 * n * n)) / scale;

        // At the ends the bound is exactly 0 or 1; rounding would leave it a hair beside.
        return new Interval(hits == 0 ? 0 : centre - half, hits == trials ? 1 : centre + half);
    }

    /// <summary>
    /// Percentile bootstrap of macro F1 (Efron and Tibshirani 1993, chapter 13): pictures drawn with replacement, as many as
    /// there are; each resample has its own random stream, so its draws do not depend on how many came before.
    /// </summary>
    public static Interval MacroF1(int[] labels, Score[] scores, int classes, int samples, long seed)
    {
        var truths = new int[classes];
        var predictions = new int[classes];
        var hits = new int[classes];
        var values = new double[samples];
        for (var b = 0; b < samples; b++)
        {
            Array.Clear(truths);
            Array.Clear(predictions);
            Array.Clear(hits);
            var random = new RandomStream(Seeds.Mix(seed, b));
            for (var draw = 0; draw < labels.Length; draw++)
            {
                var i = random.NextInt(labels.Length);
                var (truth, predicted) = (labels[i], scores[i].Predicted);
                truths[truth]++;
                predictions[predicted]++;
                if (truth == predicted)
                {
                    hits[truth]++;
                }
            }

            values[b] = MeanF1(truths, predictions, hits);
        }

        Array.Sort(values);
        return new Interval(Quantile(values, 0.025), Quantile(values, 0.975));
    }

    private static double MeanF1(int[] truths, int[] predictions, int[] hits)
    {
        var sum = 0.0;
        for (var k = 0; k < hits.Length; k++)
        {
            // F1 = 2 tp / (2 tp + fp + fn); without any picture it is 0.
            sum += hits[k] == 0 ? 0 : 2.0 * hits[k] / (truths[k] + predictions[k]);
        }

        return sum / hits.Length;
    }

    /// <summary>Linear interpolation between order statistics, numpy's default (Hyndman and Fan 1996, type 7).</summary>
    private static double Quantile(double[] sorted, double share)
    {
        var position = (sorted.Length - 1) * share;
        var below = (int)position;
        var above = Math.Min(below + 1, sorted.Length - 1);
        return sorted[below] + (sorted[above] - sorted[below]) * (position - below);
    }
}
