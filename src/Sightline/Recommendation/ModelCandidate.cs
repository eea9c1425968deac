namespace Sightline.Recommendation;

/// <summary>One model, with what it would cost on this data and machine and how accurate it may be expected to be.</summary>
public sealed record ModelCandidate
{
    /// <summary>Catalogue name.</summary>
    public required string Name { get; init; }

    /// <summary>Family.</summary>
    public required string Family { get; init; }

    /// <summary>Side of the input that a training of it would use, pixels.</summary>
    public required int Size { get; init; }

    /// <summary>Learnable parameters with the data's classes.</summary>
    public required long Parameters { get; init; }

    /// <summary>Multiply-accumulates of one picture at <see cref="Size"/>.</summary>
    public required long Macs { get; init; }

    /// <summary>Bytes that the training takes at its worst point on top of the program's own, pictures kept included; planned from shapes.</summary>
    public required long MemoryBytes { get; init; }

    /// <summary>Pictures per second of training steps on this machine.</summary>
    public required double ImagesPerSecond { get; init; }

    /// <summary><c>measured</c> here, or <c>estimated</c> from the work of the models that were.</summary>
    public required string SpeedSource { get; init; }

    /// <summary>Minutes of the whole training, validation included, data loading not.</summary>
    public required double Minutes { get; init; }

    /// <summary>ImageNet top-1, percent: a rank among models, not a forecast for this data.</summary>
    public required double PriorTop1 { get; init; }

    /// <summary>Where <see cref="PriorTop1"/> comes from.</summary>
    public required string PriorSource { get; init; }

    /// <summary><c>highest</c>, <c>high</c>, <c>medium</c>, <c>basic</c> or <c>low</c>.</summary>
    public required string AccuracyClass { get; init; }

    /// <summary>Whether no other model is at least as good in accuracy, time and memory and better in one of them.</summary>
    public required bool IsPareto { get; init; }

    /// <summary>Whether it keeps the limits of memory and time.</summary>
    public required bool Fits { get; init; }
}
