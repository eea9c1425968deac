namespace Sightline.Evaluation;

/// <summary>One class against all others: what a threshold on its probability would give.</summary>
public sealed record ClassThresholds
{
    /// <summary>The class.</summary>
    public required string Name { get; init; }

    /// <summary>Pictures that truly are of this class.</summary>
    public required int Support { get; init; }

    /// <summary>Area below the steps of precision over recall, 0..1 (scikit-learn's <c>average_precision_score</c>); null without such pictures.</summary>
    public double? AveragePrecision { get; init; }

    /// <summary>
    /// The probability from which on calling a picture this class gives the highest F1 on these pictures, the lowest of equals; null without such
    /// pictures. Chosen and judged on the same set it flatters: choose on validation, judge on test.
    /// </summary>
    public double? BestThreshold { get; init; }

    /// <summary>F1 at <see cref="BestThreshold"/>.</summary>
    public double? BestF1 { get; init; }

    /// <summary>Thresholds 0.05, 0.10, … 0.95.</summary>
    public required IReadOnlyList<ThresholdRow> Rows { get; init; }

    /// <summary>The table of each class.</summary>
    /// <param name="predictions">Logits of the whole set.</param>
    /// <param name="calibration">Divides the logits first; null takes them as they are.</param>
    /// <exception cref="DataException">There is no picture, or a logit is not a finite number.</exception>
    public static IReadOnlyList<ClassThresholds> Of(Predictions predictions, Calibration? calibration = null)
    {
        ArgumentNullException.ThrowIfNull(predictions);
        var scale = 1 / (calibration?.Temperature ?? 1);
        var scores = Score.All(predictions, calibration?.Temperature ?? 1);
        var classes = predictions.Classes.Count;
        return [.. Enumerable.Range(0, classes).Select(k => Of(predictions.Classes[k], Probabilities(predictions, scores, k, scale), IsOf(predictions, k)))];
    }

    /// <summary>One class at one threshold.</summary>
    /// <param name="predictions">Logits of the whole set.</param>
    /// <param name="scores">Of these predictions, at the same temperature.</param>
    /// <param name="label">The class.</param>
    /// <param name="threshold">0..1.</param>
    /// <param name="temperature">The logits are divided by it first.</param>
    internal static ThresholdRow At(Predictions predictions, Score[] scores, int label, double threshold, double temperature)
    {
        var isOfClass = IsOf(predictions, label);
        return Row(threshold, Probabilities(predictions, scores, label, 1 / temperature), isOfClass, isOfClass.Count(flag => flag));
    }

    private static bool[] IsOf(Predictions predictions, int label) => Array.ConvertAll(predictions.Labels, other => other == label);

    // The confidence is 1 over the sum of exponentials with the maximum subtracted.
    private static double[] Probabilities(Predictions predictions, Score[] scores, int label, double scale)
    {
        var probabilities = new double[scores.Length];
        for (var i = 0; i < probabilities.Length; i++)
        {
            var row = predictions.Row(i);
            probabilities[i] = scores[i].Confidence * Math.Exp(scale * ((double)row[label] - row[scores[i].Predicted]));
        }

        return probabilities;
    }

    private static ClassThresholds Of(string name, double[] probabilities, bool[] isOfClass)
    {
        var support = isOfClass.Count(flag => flag);
        var order = Enumerable.Range(0, probabilities.Length).OrderByDescending(i => probabilities[i]).ToArray();
        var (average, bestF1, best) = (0.0, -1.0, 0.0);
        var (hits, hitsBefore) = (0, 0);
        for (var i = 0; i < order.Length; i++)
        {
            hits += isOfClass[order[i]] ? 1 : 0;
            if (i + 1 < order.Length && probabilities[order[i + 1]] == probabilities[order[i]])
            {
                continue; // Equal probabilities cross a threshold together.
            }

            average += support == 0 ? 0 : (double)(hits - hitsBefore) / support * hits / (i + 1);
            hitsBefore = hits;
            var f1 = 2.0 * hits / (support + i + 1);
            (bestF1, best) = f1 >= bestF1 ? (f1, probabilities[order[i]]) : (bestF1, best);
        }

        return new ClassThresholds
        {
            Name = name,
            Support = support,
            AveragePrecision = support == 0 ? null : average,
            BestThreshold = support == 0 ? null : best,
            BestF1 = support == 0 ? null : bestF1,
            Rows = [.. Enumerable.Range(1, 19).Select(step => Row(step / 20.0, probabilities, isOfClass, support))],
        };
    }

    private static ThresholdRow Row(double threshold, double[] probabilities, bool[] isOfClass, int support)
    {
        var (called, hits) = (0, 0);
        for (var i = 0; i < probabilities.Length; i++)
        {
            if (probabilities[i] >= threshold)
            {
                called++;
                hits += isOfClass[i] ? 1 : 0;
            }
        }

        return new ThresholdRow
        {
            Threshold = threshold,
            Called = called,
            Precision = called == 0 ? 0 : (double)hits / called,
            Recall = support == 0 ? 0 : (double)hits / support,
            F1 = called + support == 0 ? 0 : 2.0 * hits / (called + support),
        };
    }
}

/// <summary>A class called wherever its probability reaches a threshold. A ratio without a denominator is 0.</summary>
public sealed record ThresholdRow
{
    /// <summary>The threshold, 0..1.</summary>
    public required double Threshold { get; init; }

    /// <summary>Pictures that reach it.</summary>
    public required int Called { get; init; }

    /// <summary>Share of those that are of the class.</summary>
    public required double Precision { get; init; }

    /// <summary>Share of the class's pictures that reach it.</summary>
    public required double Recall { get; init; }

    /// <summary>Harmonic mean of the two.</summary>
    public required double F1 { get; init; }
}
