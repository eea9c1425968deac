namespace Sightline.Evaluation;

/// <summary>What calibration changes of a model's figures on one set; the predicted classes stay the same.</summary>
public sealed record CalibratedFigures
{
    /// <summary>The temperature; see <see cref="Calibration"/>.</summary>
    public required double Temperature { get; init; }

    /// <summary>What it was fitted on. Where these figures are of the same pictures, they are a little better than new ones would show.</summary>
    public required string FittedOn { get; init; }

    /// <summary>Mean cross-entropy, nats.</summary>
    public required double Loss { get; init; }

    /// <summary>Mean of the highest probability, 0..1.</summary>
    public required double MeanConfidence { get; init; }

    /// <summary>Expected calibration error, 0..1.</summary>
    public required double Ece { get; init; }

    /// <summary>Largest distance of confidence and accuracy in any bin, 0..1.</summary>
    public required double MaximumCalibrationError { get; init; }

    /// <summary>The bins behind <see cref="Ece"/>, from low to high confidence.</summary>
    public required IReadOnlyList<ReliabilityBin> Reliability { get; init; }
}
