namespace Sightline.Evaluation;

/// <summary>95 % intervals of a set's figures by resampling its pictures. All figures of a resample come from the same draw.</summary>
/// <remarks>They say how much the figures would move with other pictures of the same kind, not with another training.</remarks>
public sealed record BootstrapIntervals
{
    /// <summary>Of accuracy.</summary>
    public required BootstrapInterval Accuracy { get; init; }

    /// <summary>Of balanced accuracy.</summary>
    public required BootstrapInterval BalancedAccuracy { get; init; }

    /// <summary>Of macro precision.</summary>
    public required BootstrapInterval MacroPrecision { get; init; }

    /// <summary>Of macro recall.</summary>
    public required BootstrapInterval MacroRecall { get; init; }

    /// <summary>Of macro F1.</summary>
    public required BootstrapInterval MacroF1 { get; init; }

    /// <summary>Of F1 weighted by support.</summary>
    public required BootstrapInterval WeightedF1 { get; init; }

    /// <summary>Of the mean cross-entropy, nats.</summary>
    public required BootstrapInterval Loss { get; init; }

    internal static BootstrapIntervals Of(int[] labels, Score[] scores, int classes, int samples, long seed)
    {
        var all = Bootstrap.Intervals(new ResampledFigures(labels, scores, classes), labels.Length, samples, seed);
        return new BootstrapIntervals
        {
            Accuracy = all[ResampledFigures.Accuracy],
            BalancedAccuracy = all[ResampledFigures.BalancedAccuracy],
            MacroPrecision = all[ResampledFigures.MacroPrecision],
            MacroRecall = all[ResampledFigures.MacroRecall],
            MacroF1 = all[ResampledFigures.MacroF1],
            WeightedF1 = all[ResampledFigures.WeightedF1],
            Loss = all[ResampledFigures.Loss],
        };
    }
}
