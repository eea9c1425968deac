namespace Sightline.Tuning;

/// <summary>Works on the trials of a study, one after another: asks, runs the objective, tells. Several workers may share a study, in one process or in many.</summary>
/// <remarks>Each trial's objective runs on a thread of its own, so that one that hangs can be given up. What it throws fails that trial alone; being out of
/// memory makes it infeasible. A trial that is stopped with its worker is given back and goes on from its checkpoint.</remarks>
public sealed class TuneWorker
{
    // Deep networks recurse in their backward pass; a new thread's default is smaller than the main thread's.
    private const int StackBytes = 16 << 20;

    private static readonly TimeSpan _pause = TimeSpan.FromMilliseconds(500);

    private readonly Study _study;
    private readonly ITrialObjective _objective;
    private readonly TuneWorkerOptions _options;

    /// <summary>Makes a worker.</summary>
    /// <param name="study">The study; the caller disposes it.</param>
    /// <param name="objective">What to run for each trial.</param>
    /// <param name="options">How to work; the defaults where null.</param>
    /// <exception cref="SettingsException">The options cannot be used; the message lists all problems.</exception>
    public TuneWorker(Study study, ITrialObjective objective, TuneWorkerOptions? options = null)
    {
        (_study, _objective, _options) = (study, objective, options ?? new TuneWorkerOptions());
        var problems = _options.Check().ToList();
        if (problems.Count > 0)
        {
            throw new SettingsException(string.Join(" ", problems));
        }
    }

    /// <summary>Works until there is nothing more to do: the budget is used up, the study is stopped, or every configuration has been tried.</summary>
    /// <param name="ended">Told each trial that this worker has ended, paused or given back; null for silence.</param>
    /// <param name="cancellationToken">Stops the objective at hand, which has <see cref="TuneWorkerOptions.Grace"/> to leave a checkpoint, and gives its trial back.</param>
    /// <returns>How many trials it has ended.</returns>
    /// <exception cref="SightlineException">The store failed. The trial at hand goes on elsewhere when its lease runs out.</exception>
    public int Run(Action<Trial>? ended, CancellationToken cancellationToken)
    {
        var count = 0;
        while (!cancellationToken.IsCancellationRequested)
        {
            if (_study.Ask() is { } trial)
            {
                Work(trial, cancellationToken);
                count += trial.IsFinished ? 1 : 0;
                ended?.Invoke(trial);
            }
            else if (!_options.StaysForOthers || _study.Late is not null || _study.Unfinished == 0 || cancellationToken.WaitHandle.WaitOne(_pause))
            {
                break;
            }
        }

        return count;
    }

    private void Work(Trial trial, CancellationToken cancellationToken)
    {
        var attempt = new Attempt(_study, trial, Path.GetFullPath(Path.Combine(_options.Folder, $"trial-{trial.Number:00000}")), cancellationToken);
        var isEnded = attempt.Run(_objective, _options, StackBytes);
        var cost = _options.PricePerHourUsd is { } price ? decimal.Round(price * (decimal)attempt.Elapsed.TotalHours, 6) : (decimal?)null;
        try
        {
            Tell(trial, attempt, isEnded, cost, cancellationToken);
        }
        catch (TrialLostException)
        {
            // Another worker has it; what this one found is refused, as it should be.
        }
    }

    private void Tell(Trial trial, Attempt attempt, bool isEnded, decimal? cost, CancellationToken cancellationToken)
    {
        var outcome = attempt.Outcome;
        cost = outcome?.CostUsd ?? cost;
        if (attempt.StoreTrouble is { } trouble)
        {
            throw trouble;
        }

        if (attempt.IsLost)
        {
            return;
        }

        if (attempt.Verdict != Verdict.Continue)
        {
            _study.AddCost(attempt.Claim, cost, outcome?.PeakMemoryBytes);
        }
        else if (outcome is { State: not TrialState.Pruned } told)
        {
            _study.End(trial.Number, End(told) with { CostUsd = cost, PeakMemoryBytes = told.PeakMemoryBytes });
        }
        else if (attempt.IsOverTime)
        {
            var left = isEnded ? "" : $" It did not heed the cancellation within {_options.Grace.TotalSeconds:0} seconds; its thread was left behind.";
            Fail(trial, cost, $"It took longer than the limit of {_options.TrialLimit?.TotalSeconds:0} seconds.{left}");
        }
        else if (cancellationToken.IsCancellationRequested || attempt.IsCancelled)
        {
            _study.AddCost(attempt.Claim, cost, null);
            _study.Release(trial.Number);
        }
        else if (attempt.Error is { } error)
        {
            var isMemory = error is OutOfMemoryException or MemoryException;
            _study.End(trial.Number, new TrialEnd(isMemory ? TrialState.Infeasible : TrialState.Failed) { Reason = isMemory ? $"Out of memory: {error.Message}" : error.Message, CostUsd = cost });
        }
        else
        {
            Fail(trial, cost, "The objective ended without a value, though it was told to go on.");
        }
    }

    private TrialEnd End(TrialOutcome told)
    {
        var objectives = _study.Options.Directions.Count;
        var wrong = told.State != TrialState.Complete ? null
            : told.Values.Count != objectives ? $"It gave {told.Values.Count} values; the study has {objectives} objectives."
            : told.Values.Any(double.IsNaN) ? "The objective is not a number (NaN)."
            : told.Values.Any(double.IsInfinity) ? "The objective is infinite."
            : told.Constraints.Any(double.IsNaN) ? "A constraint is not a number (NaN)."
            : null;
        return wrong is not null ? new TrialEnd(TrialState.Failed) { Reason = wrong }
            : new TrialEnd(told.State) { Values = told.Values, Constraints = told.Constraints, Reason = told.Reason };
    }

    private void Fail(Trial trial, decimal? cost, string reason) => _study.End(trial.Number, new TrialEnd(TrialState.Failed) { Reason = reason, CostUsd = cost });
}
