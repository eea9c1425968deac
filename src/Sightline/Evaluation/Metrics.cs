namespace Sightline.Evaluation;

/// <summary>Figures of a model from its logits over a whole labelled set, in double precision.</summary>
public static class Metrics
{
    /// <summary>Computes every figure of <see cref="EvaluationResult"/>.</summary>
    /// <param name="predictions">Logits of the whole set; the order of the pictures matters only to the bootstrap.</param>
    /// <param name="options">Null takes the defaults.</param>
    /// <exception cref="DataException">There is no picture, or a logit is not a finite number; the message names the first such picture.</exception>
    /// <exception cref="ArgumentException">Logits, labels, names and classes do not fit together.</exception>
    /// <exception cref="SettingsException">An option is out of its range.</exception>
    public static EvaluationResult Compute(Predictions predictions, MetricsOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(predictions);
        options ??= new MetricsOptions();
        if (options.Check().ToArray() is { Length: > 0 } problems)
        {
            throw new SettingsException(string.Join(" ", problems));
        }

        var scores = Score.All(predictions);
        var labels = predictions.Labels;
        var topK = Math.Min(5, predictions.Classes.Count);
        var (loss, hits, hitsOfTopK) = (0.0, 0, 0);
        var confusion = predictions.Classes.Select(_ => new int[predictions.Classes.Count]).ToArray();
        for (var i = 0; i < scores.Length; i++)
        {
            loss += scores[i].Loss;
            hits += scores[i].Rank == 0 ? 1 : 0;
            hitsOfTopK += scores[i].Rank < topK ? 1 : 0;
            confusion[labels[i]][scores[i].Predicted]++;
        }

        double count = scores.Length;
        var perClass = PerClass(predictions.Classes, confusion);
        var reliability = Reliability.Of(labels, scores, options.CalibrationBins);
        var bootstrap = options.BootstrapSamples == 0
            ? null
            : BootstrapIntervals.Of(labels, scores, predictions.Classes.Count, options.BootstrapSamples, options.Seed);
        return new EvaluationResult
        {
            Examples = scores.Length,
            Accuracy = hits / count,
            AccuracyInterval = ConfidenceIntervals.Wilson(hits, scores.Length),
            Top5 = hitsOfTopK / count,
            TopK = topK,
            Loss = loss / count,
            BalancedAccuracy = perClass.Where(entry => entry.Support > 0).Average(entry => entry.Recall),
            Macro = Average(perClass, _ => 1),
            MacroF1Interval = bootstrap?.MacroF1.Percentile,
            Micro = new AveragedMetrics(hits / count, hits / count, hits / count),
            Weighted = Average(perClass, entry => entry.Support),
            PerClass = perClass,
            Confusion = confusion,
            MeanConfidence = scores.Sum(score => score.Confidence) / count,
            Ece = reliability.Error,
            MaximumCalibrationError = reliability.LargestError,
            Reliability = reliability.Bins,
            BootstrapSamples = options.BootstrapSamples,
            BootstrapSeed = options.Seed,
            Bootstrap = bootstrap,
            Calibrated = options.Calibration is { } calibration ? Calibrated(predictions, calibration, options.CalibrationBins) : null,
            Selective = SelectivePrediction.Of(labels, scores),
        };
    }

    private static CalibratedFigures Calibrated(Predictions predictions, Calibration calibration, int bins)
    {
        var scores = Score.All(predictions, calibration.Temperature);
        var reliability = Reliability.Of(predictions.Labels, scores, bins);
        return new CalibratedFigures
        {
            Temperature = calibration.Temperature,
            FittedOn = calibration.FittedOn,
            Loss = scores.Average(score => score.Loss),
            MeanConfidence = scores.Average(score => score.Confidence),
            Ece = reliability.Error,
            MaximumCalibrationError = reliability.LargestError,
            Reliability = reliability.Bins,
        };
    }

    private static ClassMetrics[] PerClass(IReadOnlyList<string> names, int[][] confusion)
    {
        var entries = new ClassMetrics[names.Count];
        for (var k = 0; k < entries.Length; k++)
        {
            var hits = confusion[k][k];
            var support = confusion[k].Sum();
            var predicted = confusion.Sum(row => row[k]);
            entries[k] = new ClassMetrics
            {
                Name = names[k],
                Support = support,
                Predicted = predicted,
                Precision = Ratio(hits, predicted),
                Recall = Ratio(hits, support),
                F1 = Ratio(2 * hits, support + predicted),
                PrecisionInterval = ConfidenceIntervals.Wilson(hits, predicted),
                RecallInterval = ConfidenceIntervals.Wilson(hits, support),
            };
        }

        return entries;
    }

    private static double Ratio(int part, int whole) => whole == 0 ? 0 : (double)part / whole;

    private static AveragedMetrics Average(ClassMetrics[] entries, Func<ClassMetrics, double> weight)
    {
        var total = entries.Sum(weight);
        double Mean(Func<ClassMetrics, double> figure) => entries.Sum(entry => weight(entry) * figure(entry)) / total;
        return new AveragedMetrics(Mean(entry => entry.Precision), Mean(entry => entry.Recall), Mean(entry => entry.F1));
    }
}
