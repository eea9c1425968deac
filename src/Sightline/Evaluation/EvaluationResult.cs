using System.Text.Json;

namespace Sightline.Evaluation;

/// <summary>Every figure about a model on one labelled set. Its JSON names are a contract with scripts.</summary>
public sealed record EvaluationResult
{
    private static readonly JsonSerializerOptions _json = new(JsonSerializerDefaults.Web) { WriteIndented = true };

    /// <summary>Pictures judged.</summary>
    public required int Examples { get; init; }

    /// <summary>Share of pictures whose first maximum of the logits is the true class, 0..1.</summary>
    public required double Accuracy { get; init; }

    /// <summary>Wilson interval of <see cref="Accuracy"/>.</summary>
    public required Interval AccuracyInterval { get; init; }

    /// <summary>Share of pictures whose true class is among the <see cref="TopK"/> highest logits, 0..1.</summary>
    public required double Top5 { get; init; }

    /// <summary>The k of <see cref="Top5"/>: 5, or the number of classes where that is smaller.</summary>
    public required int TopK { get; init; }

    /// <summary>Mean cross-entropy without smoothing or weights, nats.</summary>
    public required double Loss { get; init; }

    /// <summary>Mean recall of the classes that the set has pictures of, 0..1 (scikit-learn's <c>balanced_accuracy_score</c>).</summary>
    public required double BalancedAccuracy { get; init; }

    /// <summary>
    /// Plain mean over all classes of the model. A class absent from the set counts with its zeros, as scikit-learn does with
    /// <c>labels</c> = all classes and <c>zero_division=0</c>.
    /// </summary>
    public required AveragedMetrics Macro { get; init; }

    /// <summary>Percentile bootstrap interval of macro F1; null where it was switched off.</summary>
    public Interval? MacroF1Interval { get; init; }

    /// <summary>From the counts of all classes together. With one label per picture all three equal <see cref="Accuracy"/>.</summary>
    public required AveragedMetrics Micro { get; init; }

    /// <summary>Mean over classes weighted by their support.</summary>
    public required AveragedMetrics Weighted { get; init; }

    /// <summary>Each class of the model in the order of its labels, absent ones included (support 0).</summary>
    public required IReadOnlyList<ClassMetrics> PerClass { get; init; }

    /// <summary>Counts: row = true class, column = predicted class.</summary>
    public required IReadOnlyList<IReadOnlyList<int>> Confusion { get; init; }

    /// <summary>Mean of the highest probability, 0..1; above <see cref="Accuracy"/> the model is over-confident.</summary>
    public required double MeanConfidence { get; init; }

    /// <summary>Expected calibration error, 0..1: mean distance of confidence and accuracy over the bins, weighted by their counts.</summary>
    /// <remarks>Guo et al. 2017, equation 3; equal-width bins (low, high] of the highest probability.</remarks>
    public required double Ece { get; init; }

    /// <summary>Largest distance of confidence and accuracy in any bin, 0..1 (Guo et al. 2017, equation 5).</summary>
    public required double MaximumCalibrationError { get; init; }

    /// <summary>The bins behind <see cref="Ece"/>, from low to high confidence.</summary>
    public required IReadOnlyList<ReliabilityBin> Reliability { get; init; }

    /// <summary>Resamples behind <see cref="Bootstrap"/>; 0 where it was switched off.</summary>
    public required int BootstrapSamples { get; init; }

    /// <summary>Seed of those resamples.</summary>
    public required long BootstrapSeed { get; init; }

    /// <summary>Intervals of the figures by resampling; null where it was switched off.</summary>
    public BootstrapIntervals? Bootstrap { get; init; }

    /// <summary>The figures that temperature scaling changes; null where the run has no calibration.</summary>
    public CalibratedFigures? Calibrated { get; init; }

    /// <summary>How right the model is where it is sure; null in documents of earlier versions.</summary>
    public SelectivePrediction? Selective { get; init; }

    /// <summary>One JSON document with camel-case names.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, _json);

    /// <summary>Reads what <see cref="ToJson"/> wrote; unknown names are ignored.</summary>
    /// <exception cref="DataException">The text is not such a document.</exception>
    public static EvaluationResult FromJson(string json)
    {
        try
        {
            return JsonSerializer.Deserialize<EvaluationResult>(json, _json)
                ?? throw new DataException("The evaluation document is null; write it again with `sightline eval run RUN --json`.");
        }
        catch (JsonException problem)
        {
            throw new DataException(
                $"The evaluation document cannot be read: {problem.Message} Write it again with `sightline eval run RUN --json`.",
                problem);
        }
    }
}
