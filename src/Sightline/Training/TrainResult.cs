namespace Sightline.Training;

/// <summary>How a run ended.</summary>
public sealed record TrainResult
{
    /// <summary>The run's folder.</summary>
    public required string Run { get; init; }

    /// <summary>Catalogue name of the model.</summary>
    public required string Model { get; init; }

    /// <summary>Best top-1 on the validation split, 0..1.</summary>
    public required double ValidationAccuracy { get; init; }

    /// <summary>Top-1 of the best weights on the test split, 0..1; null when the data has none.</summary>
    public required double? TestAccuracy { get; init; }

    /// <summary>Seconds of training and validation, over all resumes.</summary>
    public required double Seconds { get; init; }

    /// <summary>Epochs trained.</summary>
    public required int Epochs { get; init; }

    /// <summary>SHA-256 of the best weights, lower-case hexadecimal; of names, types, shapes and values, not of the file.</summary>
    public required string BestWeightsSha256 { get; init; }

    /// <summary>The same of the weights after the last step.</summary>
    public required string LastWeightsSha256 { get; init; }
}
