namespace Sightline.Compute.Planning;

/// <summary>A training job to be planned.</summary>
public sealed record TrainingJob
{
    /// <summary>The model's costs.</summary>
    public required ModelCosts Model { get; init; }

    /// <summary>Training pictures of an epoch; at least 1.</summary>
    public required long Pictures { get; init; }

    /// <summary>Epochs; at least 1.</summary>
    public required int Epochs { get; init; }

    /// <summary>Pictures in a step; null takes 256, or what fits when that is less.</summary>
    public int? Batch { get; init; }

    /// <summary>Values that the optimiser keeps per parameter. Default 1, SGD with momentum.</summary>
    public int OptimizerValues { get; init; } = 1;

    /// <summary>Whether an averaged copy of the weights is kept. Default: no.</summary>
    public bool HasAveragedWeights { get; init; }

    /// <summary>Whether FP32 is asked for. Default: mixed precision.</summary>
    public bool IsSinglePrecision { get; init; }

    /// <summary>Steps of this job that were taken on a machine; where it was a GPU, they take the place of the estimates. Default: none.</summary>
    public StepMeasurement? Measured { get; init; }

    /// <summary>All pictures that the job looks at.</summary>
    public double TotalPictures => (double)Pictures * Epochs;

    /// <summary>What is wrong with the values; empty when nothing is.</summary>
    public IEnumerable<string> Check()
    {
        if (Pictures < 1)
        {
            yield return $"The number of pictures is {Pictures}; it must be at least 1.";
        }

        if (Epochs < 1)
        {
            yield return $"The number of epochs is {Epochs}; it must be at least 1.";
        }

        if (Batch is < 1)
        {
            yield return $"The batch is {Batch}; it must be at least 1.";
        }
    }
}
