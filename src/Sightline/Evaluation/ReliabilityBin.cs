namespace Sightline.Evaluation;

/// <summary>The pictures whose highest probability lies above <see cref="Low"/> and at most at <see cref="High"/>.</summary>
public sealed record ReliabilityBin
{
    /// <summary>Lower bound, not included.</summary>
    public required double Low { get; init; }

    /// <summary>Upper bound, included.</summary>
    public required double High { get; init; }

    /// <summary>Pictures in the bin.</summary>
    public required int Count { get; init; }

    /// <summary>Mean of the highest probability, 0..1; null where the bin is empty.</summary>
    public double? Confidence { get; init; }

    /// <summary>Share that is right, 0..1; null where the bin is empty.</summary>
    public double? Accuracy { get; init; }
}
