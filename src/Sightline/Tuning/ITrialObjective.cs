namespace Sightline.Tuning;

/// <summary>What a worker runs for each trial of a study.</summary>
public interface ITrialObjective
{
    /// <summary>Works on one trial and says how it ended. Called on a thread of its own, for one trial at a time.</summary>
    /// <param name="context">The trial: its configuration, its folder for checkpoints, where it reports.</param>
    /// <param name="cancellationToken">Cancelled when the study is stopped, the trial's time is over or the trial was given to another worker: leave a
    /// checkpoint if that is quick, then throw <see cref="OperationCanceledException"/>.</param>
    /// <returns>How it ended. What is thrown, and a value that is NaN or infinite, fails this trial alone.</returns>
    TrialOutcome Run(TrialContext context, CancellationToken cancellationToken);
}
