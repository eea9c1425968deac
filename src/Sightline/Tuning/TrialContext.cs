namespace Sightline.Tuning;

/// <summary>One trial as its objective sees it.</summary>
public sealed class TrialContext
{
    private readonly Func<long, double, Verdict> _report;
    private readonly Action<long> _checkpoint;

    internal TrialContext(Func<long, double, Verdict> report, Action<long> checkpoint) => (_report, _checkpoint) = (report, checkpoint);

    /// <summary>The study's name.</summary>
    public required string Study { get; init; }

    /// <summary>The study's seed.</summary>
    public long Seed { get; init; }

    /// <summary>The trial's number, from 0; the same however often it is begun anew.</summary>
    public required int Number { get; init; }

    /// <summary>How many times it was begun before: 0 at first, one more each time its worker was lost.</summary>
    public int Attempt { get; init; }

    /// <summary>The values to use; complete.</summary>
    public required Configuration Configuration { get; init; }

    /// <summary>The folder of this trial's checkpoints, which exists; the same in each attempt. On several machines it must be a shared one.</summary>
    public required string CheckpointFolder { get; init; }

    /// <summary>The step to go on from: that of the last <see cref="KeepCheckpoint"/>; null to begin at the beginning.</summary>
    public long? CheckpointStep { get; init; }

    /// <summary>Tells how the trial stands.</summary>
    /// <param name="step">How far it is, in the study's unit (epochs, images seen, folds); at least 0. A step told before is replaced, with all after it.</param>
    /// <param name="value">The objective there; may be NaN.</param>
    /// <returns><see cref="Verdict.Continue"/>, or to end: return <see cref="TrialOutcome.Stopped"/>, after <see cref="Verdict.Pause"/> with a checkpoint.</returns>
    /// <exception cref="TrialLostException">The trial was given to another worker: end without a word.</exception>
    public Verdict Report(long step, double value) => _report(step, value);

    /// <summary>Says that a checkpoint of this step now lies in <see cref="CheckpointFolder"/>. If the worker is lost, the trial goes on from there.</summary>
    /// <param name="step">The step it was taken at, at least 0.</param>
    /// <exception cref="TrialLostException">The trial was given to another worker: end without a word.</exception>
    public void KeepCheckpoint(long step) => _checkpoint(step);
}
