namespace Sightline.Tuning;

/// <summary>What to do with a trial after a report.</summary>
public enum Verdict
{
    /// <summary>Go on.</summary>
    Continue,
    /// <summary>Stop for good; the trial is pruned.</summary>
    Stop,
    /// <summary>Write a checkpoint and stop; <see cref="Study.Ask"/> gives the trial again if it is promoted.</summary>
    Pause,
}
