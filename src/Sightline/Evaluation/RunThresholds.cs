namespace Sightline.Evaluation;

/// <summary>What thresholds on a run's probabilities would give.</summary>
public sealed record RunThresholds
{
    /// <summary>The run's folder.</summary>
    public required string Run { get; init; }

    /// <summary>The split judged.</summary>
    public required string Split { get; init; }

    /// <summary>Pictures judged.</summary>
    public required int Examples { get; init; }

    /// <summary>The temperature that the logits were divided by; null where they were taken as they are.</summary>
    public double? Temperature { get; init; }

    /// <summary>Each class against the others.</summary>
    public required IReadOnlyList<ClassThresholds> Classes { get; init; }

    /// <summary>All classes together: only sure answers count.</summary>
    public required SelectivePrediction Selective { get; init; }

    /// <summary>Judges a run and makes the tables.</summary>
    /// <param name="runFolder">The run.</param>
    /// <param name="dataLocation">Another data set with the same classes; null takes the run's own.</param>
    /// <param name="split">As in <see cref="Evaluator.Run"/>.</param>
    /// <param name="calibrated">Whether the run's calibration is applied.</param>
    /// <param name="cancel">Stops after the current batch.</param>
    /// <exception cref="NotFoundException">The run, its weights, its calibration or the data are not there.</exception>
    /// <exception cref="DataException">The data changed, has a class that the run does not know, or the split is empty.</exception>
    public static RunThresholds Of(string runFolder, string? dataLocation, string? split, bool calibrated, CancellationToken cancel)
    {
        var calibration = calibrated ? Calibration.Required(Sightline.Runs.RunFolder.Open(runFolder)) : null;
        var judged = JudgedSplit.Of(runFolder, dataLocation, split, cancel: cancel);
        return new RunThresholds
        {
            Run = judged.Run.Path,
            Split = judged.Split,
            Examples = judged.Examples.Count,
            Temperature = calibration?.Temperature,
            Classes = ClassThresholds.Of(judged.Predictions, calibration),
            Selective = SelectivePrediction.Of(judged.Predictions.Labels, Score.All(judged.Predictions, calibration?.Temperature ?? 1)),
        };
    }
}
