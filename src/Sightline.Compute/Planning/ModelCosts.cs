namespace Sightline.Compute.Planning;

/// <summary>What the estimators need to know of a model; nothing of it needs LibTorch.</summary>
public sealed record ModelCosts
{
    /// <summary>The model's name.</summary>
    public required string Name { get; init; }

    /// <summary>Family of the calibration, such as <c>resnet</c> or <c>efficientnetv2</c>; an unknown one gets wider ranges.</summary>
    public required string Family { get; init; }

    /// <summary>Side of the input, pixels.</summary>
    public required int Size { get; init; }

    /// <summary>Multiply-accumulates of one picture's forward pass.</summary>
    public required long Macs { get; init; }

    /// <summary>Output elements of the convolutions for one picture.</summary>
    public required long Activations { get; init; }

    /// <summary>Learnable values.</summary>
    public required long Parameters { get; init; }

    /// <summary>Whether the blocks have squeeze-excitation. Default: no.</summary>
    public bool IsGated { get; init; }

    /// <summary>Whether the activation function is SiLU, hard swish or GELU instead of ReLU. Default: no.</summary>
    public bool IsSmooth { get; init; }
}
