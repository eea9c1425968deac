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
        var reliability = Reliability(labels, scores, options.CalibrationBins);
        var gaps = reliability.Where(bin => bin.Count > 0)
            .Select(bin => (Gap: Math.Abs(bin.Accuracy.GetValueOrDefault() - bin.Confidence.GetValueOrDefault()), bin.Count))
            .ToArray();
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
            MacroF1Interval = options.BootstrapSamples == 0
                ? null
                : ConfidenceIntervals.MacroF1(labels, scores, predictions.Classes.Count, options.BootstrapSamples, options.Seed),
            Micro = new AveragedMetrics(hits / count, hits / count, hits / count),
            Weighted = Average(perClass, entry => entry.Support),
            PerClass = perClass,
            Confusion = confusion,
            MeanConfidence = scores.Sum(score => score.Confidence) / count,
            Ece = gaps.Sum(bin => bin.Gap * bin.Count) / count,
            MaximumCalibrationError = gaps.Max(bin => bin.Gap),
            Reliability = reliability,
            BootstrapSamples = options.BootstrapSamples,
            BootstrapSeed = options.Seed,
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

    private static ReliabilityBin[] Reliability(int[] labels, Score[] scores, int bins)
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

        return [.. Enumerable.Range(0, bins).Select(bin => new ReliabilityBin
        {
            Low = (double)bin / bins,
            High = (bin + 1.0) / bins,
            Count = counts[bin],
            Confidence = counts[bin] == 0 ? null : confidence[bin] / counts[bin],
            Accuracy = counts[bin] == 0 ? null : (double)hits[bin] / counts[bin],
        })];
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
