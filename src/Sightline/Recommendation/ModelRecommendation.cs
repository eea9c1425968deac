namespace Sightline.Recommendation;

/// <summary>The models that could be trained on a data set, and the one to take.</summary>
public sealed record ModelRecommendation
{
    /// <summary>The data.</summary>
    public required string Data { get; init; }

    /// <summary>Pictures trained on.</summary>
    public required int TrainPictures { get; init; }

    /// <summary>Classes.</summary>
    public required int Classes { get; init; }

    /// <summary>Pictures per step.</summary>
    public required int Batch { get; init; }

    /// <summary>Epochs of the training planned.</summary>
    public required int Epochs { get; init; }

    /// <summary>Type of the forward and backward pass: <c>fp32</c>, <c>bf16</c> or <c>fp16</c>.</summary>
    public required string Precision { get; init; }

    /// <summary>Memory that the training may take, bytes.</summary>
    public required long MaxMemoryBytes { get; init; }

    /// <summary>Minutes that it may take; null for no limit.</summary>
    public double? MaxMinutes { get; init; }

    /// <summary>The models, most accurate by prior first.</summary>
    public required IReadOnlyList<ModelCandidate> Candidates { get; init; }

    /// <summary>The model to take; null where none keeps the limits.</summary>
    public string? Recommended { get; init; }

    /// <summary>Why.</summary>
    public required string Reason { get; init; }
}
