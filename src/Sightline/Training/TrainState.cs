using Sightline.Training.Stability;

namespace Sightline.Training;

/// <summary>Where a run stands; stored in each checkpoint beside weights, optimiser state and random state.</summary>
internal sealed record TrainState
{
    /// <summary>Epochs finished.</summary>
    public int Epoch { get; init; }

    /// <summary>Batches of the current epoch that are done.</summary>
    public int Batch { get; init; }

    /// <summary>Optimiser steps taken.</summary>
    public long Step { get; init; }

    /// <summary>Best validation accuracy, 0..1; below 0 before the first epoch.</summary>
    public double BestAccuracy { get; init; } = -1;

    /// <summary>The epoch of the best accuracy.</summary>
    public int BestEpoch { get; init; }

    /// <summary>The figure that the schedule watches, of each finished epoch; a plateau's rate follows from it.</summary>
    public IReadOnlyList<double> Watched { get; init; } = [];

    /// <summary>How the run fits into memory; null in checkpoints of versions that did not adapt.</summary>
    public MemoryState? Memory { get; init; }

    /// <summary>Seconds of training so far, over all resumes.</summary>
    public double Seconds { get; init; }

    /// <summary>By what the schedule's learning rate is multiplied: 1, halved by each roll-back.</summary>
    public double RateFactor { get; init; } = 1;

    /// <summary>Roll-backs so far.</summary>
    public int RollBacks { get; init; }

    /// <summary>What the watch over loss and gradient knows.</summary>
    public GuardState Guard { get; init; } = new();

    /// <summary>The current epoch's sums so far.</summary>
    public MeterReading Meter { get; init; }

    /// <summary>The same place, from which the run goes on with half the rate.</summary>
    public TrainState RolledBack() => this with { RateFactor = RateFactor / 2, RollBacks = RollBacks + 1, Guard = Guard with { SkipsInARow = 0 } };
}
