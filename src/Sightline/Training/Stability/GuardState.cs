namespace Sightline.Training.Stability;

/// <summary>What <see cref="StepGuard"/> knows; a part of each checkpoint, so that a resumed run decides as an uninterrupted one.</summary>
internal sealed record GuardState
{
    /// <summary>Losses of the last steps, oldest first.</summary>
    public IReadOnlyList<double> Losses { get; init; } = [];

    /// <summary>Gradient norms of the last steps, oldest first.</summary>
    public IReadOnlyList<double> Norms { get; init; } = [];

    /// <summary>Usual loss at the beginning of the run.</summary>
    public double? FirstLoss { get; init; }

    /// <summary>Usual gradient norm at the beginning of the run.</summary>
    public double? FirstNorm { get; init; }

    /// <summary>Steps that were left out one after the other, up to now.</summary>
    public int SkipsInARow { get; init; }

    /// <summary>Steps left out in the whole run.</summary>
    public long Skips { get; init; }

    /// <summary>Units of activations that gave nothing at the last reading of the layers, by layer.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<int>>? Silent { get; init; }
}
