namespace Sightline.Compute.Planning;

/// <summary>What of a training run decides on its memory and speed.</summary>
public sealed record TrainingSetup
{
    /// <summary>Pictures in a step; at least 1. Default 256.</summary>
    public int Batch { get; init; } = 256;

    /// <summary>Mixed precision (FP16 or BF16 activations, FP32 weights); else FP32 throughout. Default: mixed.</summary>
    public bool IsMixed { get; init; } = true;

    /// <summary>Values that the optimiser keeps per parameter: 0 for plain SGD, 1 with momentum (default), 2 for Adam and AdamW.</summary>
    public int OptimizerValues { get; init; } = 1;

    /// <summary>Whether an averaged copy of the weights is kept. Default: no.</summary>
    public bool HasAveragedWeights { get; init; }

    /// <summary>Gradient checkpointing: about half the activations for about a third more time. Default: off.</summary>
    public bool IsCheckpointed { get; init; }
}
