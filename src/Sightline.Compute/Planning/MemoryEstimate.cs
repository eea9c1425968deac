namespace Sightline.Compute.Planning;

/// <summary>One part of a training step's memory.</summary>
/// <param name="Name">What it is.</param>
/// <param name="Bytes">How much.</param>
/// <param name="Explanation">How it was reckoned.</param>
public sealed record MemoryTerm(string Name, double Bytes, string Explanation);

/// <summary>GPU memory of a training step, term by term.</summary>
public sealed record MemoryEstimate
{
    /// <summary>The terms; their sum is <see cref="Bytes"/>.</summary>
    public required IReadOnlyList<MemoryTerm> Terms { get; init; }

    /// <summary>The estimate.</summary>
    public double Bytes => Terms.Sum(term => term.Bytes);

    /// <summary>Low end of the range.</summary>
    public required double LowBytes { get; init; }

    /// <summary>High end of the range; "fits" means that this much is there.</summary>
    public required double HighBytes { get; init; }

    /// <summary>The part that grows with the batch, bytes per picture.</summary>
    public required double BytesPerPicture { get; init; }

    /// <summary>What the figures are calibrated on.</summary>
    public required string Basis { get; init; }

    /// <summary>Whether measurements of this kind of model stand behind it.</summary>
    public required bool IsCalibrated { get; init; }
}
