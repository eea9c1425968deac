namespace Sightline.Tuning;

/// <content>Asking for trials and telling of them.</content>
public sealed partial class Study
{
    /// <summary>Gives a trial to work on: a queued one, one that lost its worker, a paused one that goes on, or a new one.</summary>
    /// <returns>The trial, running; null where every configuration has been tried, none of those left is allowed, the budget is used up or the study was stopped.</returns>
    public Trial? Ask()
    {
        lock (_lock)
        {
            while (true)
            {
                Reap();
                Sync();
                if (_status.Late is not null)
                {
                    return null;
                }

                try
                {
                    if (_status.Claimable > 0 && _store.Claim(_worker) is { } waiting)
                    {
                        return Start(waiting, isNew: false);
                    }

                    if (Pruners.Promote(View()) is not { } paused)
                    {
                        return _store.Begin(_worker) is { } begun ? Start(begun, isNew: true) : null;
                    }

                    if (_store.Promote(_worker, new Claim(paused.Number, paused.Epoch), paused.PromotedRung) is { } promoted)
                    {
                        return Start(promoted, isNew: false);
                    }

                    // Another worker was first; what it did is read above.
                }
                catch (TrialLostException lost)
                {
                    _held.Remove(lost.Number); // Choosing took longer than the lease; another worker has that trial.
                }
            }
        }
    }

    /// <summary>Tells how a running trial stands, and says whether to go on with it.</summary>
    /// <param name="number">The trial's number.</param>
    /// <param name="step">How far it is, in the study's unit; at least 0. A step told before is replaced, with all after it.</param>
    /// <param name="value">The objective there; may be NaN.</param>
    /// <returns>After <see cref="Verdict.Stop"/> the trial is pruned and after <see cref="Verdict.Pause"/> it is paused: tell no more of it.</returns>
    /// <exception cref="InvalidOperationException">The trial is not running.</exception>
    /// <exception cref="TrialLostException">The trial was given to another worker.</exception>
    public Verdict Report(int number, long step, double value)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(step);
        lock (_lock)
        {
            Sync();
            var (trial, claim) = _held.Running(number);
            var report = new TrialReport(step, value);
            trial.Add(report);
            var verdict = Pruners.Judge(View(), trial);
            Fenced(claim, _store.Report(claim, report, verdict, trial.PromotedRung, trial.StoppedAtRung, Reached(trial, verdict)));
            if (verdict != Verdict.Continue)
            {
                _held.Remove(number);
            }

            Sync();
            return verdict;
        }
    }

    /// <summary>Says that a checkpoint of a running trial was written: if its worker is lost, it goes on from this step.</summary>
    /// <param name="number">The trial's number.</param>
    /// <param name="step">The step it was taken at, at least 0.</param>
    /// <exception cref="InvalidOperationException">The trial is not running.</exception>
    /// <exception cref="TrialLostException">The trial was given to another worker.</exception>
    public void KeepCheckpoint(int number, long step)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(step);
        lock (_lock)
        {
            var (_, claim) = _held.Running(number);
            Fenced(claim, _store.KeepCheckpoint(claim, step));
            Sync();
        }
    }

    /// <summary>Ends a running trial with its values.</summary>
    /// <param name="number">The trial's number.</param>
    /// <param name="values">One per objective. A NaN makes the trial failed.</param>
    public void Tell(int number, params IReadOnlyList<double> values) => Tell(number, values, []);

    /// <summary>Ends a running trial with its values and constraints.</summary>
    /// <param name="number">The trial's number.</param>
    /// <param name="values">One per objective. A NaN makes the trial failed.</param>
    /// <param name="constraints">How far each constraint is violated: at most 0 where it is met. The same count for all trials.</param>
    /// <exception cref="ArgumentException">The count of values is not that of the objectives, or a constraint is NaN.</exception>
    /// <exception cref="InvalidOperationException">The trial is not running.</exception>
    public void Tell(int number, IReadOnlyList<double> values, IReadOnlyList<double> constraints)
    {
        StudyChecks.Values(Options, values, constraints);
        End(number, Ending(values, constraints));
    }

    /// <summary>Ends a running trial whose objective failed. Its configuration is not proposed again.</summary>
    public void Fail(int number, string reason) => End(number, new TrialEnd(TrialState.Failed) { Reason = reason });

    /// <summary>Ends a running trial that cannot be run, for example for lack of memory. Its configuration is not proposed again.</summary>
    public void MarkInfeasible(int number, string reason) => End(number, new TrialEnd(TrialState.Infeasible) { Reason = reason });

    /// <summary>Gives a running trial back: it goes on later, here or elsewhere, from its checkpoint or else from the beginning.</summary>
    /// <exception cref="InvalidOperationException">The trial is not running.</exception>
    /// <exception cref="TrialLostException">The trial was given to another worker.</exception>
    public void Release(int number)
    {
        lock (_lock)
        {
            var (_, claim) = _held.Running(number);
            Fenced(claim, _store.Release(claim));
            _held.Remove(number);
            Sync();
        }
    }

    /// <summary>Works on trials until there are enough, one after another on this thread.</summary>
    /// <param name="objective">Gives the value of a configuration; may call <see cref="Report"/>. What it throws fails that trial alone.</param>
    /// <param name="trials">How many trials to begin.</param>
    /// <param name="cancellationToken">Ends the study after the trial at hand, which the objective may cut short with it.</param>
    public void Run(Func<Trial, CancellationToken, double> objective, int trials, CancellationToken cancellationToken)
    {
        for (var i = 0; i < trials && !cancellationToken.IsCancellationRequested && Ask() is { } trial; i++)
        {
            try
            {
                var value = objective(trial, cancellationToken);
                if (trial.State == TrialState.Running)
                {
                    Tell(trial.Number, value);
                }
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                FailIfRunning(trial, "The study was stopped.");
                throw;
            }
            catch (Exception error) when (error is not OutOfMemoryException)
            {
                // The objective is foreign code: one trial's trouble must not end the study.
                FailIfRunning(trial, error.Message);
            }
        }
    }

    /// <summary>Ends a running trial; the worker's way.</summary>
    internal void End(int number, TrialEnd end)
    {
        lock (_lock)
        {
            var (_, claim) = _held.Running(number);
            Fenced(claim, _store.Finish(claim, end));
            _held.Remove(number);
            Sync();
        }
    }

    /// <summary>How values end a trial.</summary>
    internal static TrialEnd Ending(IReadOnlyList<double> values, IReadOnlyList<double> constraints) => values.Any(double.IsNaN)
        ? new TrialEnd(TrialState.Failed) { Reason = "The objective is not a number (NaN)." }
        : new TrialEnd(TrialState.Complete) { Values = [.. values], Constraints = [.. constraints] };

    /// <summary>The claim of a trial at hand, for what is told after a verdict has ended it.</summary>
    internal Claim ClaimOf(Trial trial) => Locked(() => new Claim(trial.Number, trial.Epoch));

    /// <summary>Adds to what a trial has cost.</summary>
    internal void AddCost(Claim claim, decimal? costUsd, long? peakMemoryBytes)
    {
        lock (_lock)
        {
            _store.AddCost(claim, costUsd, peakMemoryBytes);
            Sync();
        }
    }

    private void Reap()
    {
        if (_keeper is not null && _keeper.IsReapingDue())
        {
            _store.Reap();
        }
    }

    private Trial? Start(TrialRow row, bool isNew)
    {
        var claim = _held.Add(row);
        if (!isNew)
        {
            Sync(); // What was told of it until now.
        }

        while (true)
        {
            if ((row.Configuration is null ? Samplers.Next(View(), row.Number) : Completed(row)) is not { } configuration)
            {
                _store.Withdraw(claim);
                _held.Remove(row.Number);
                return null;
            }

            var predicted = PredictedMemory is null ? row.PredictedMemoryBytes : PredictedMemory(configuration);
            var isKnown = configuration.Equals(row.Configuration) && predicted == row.PredictedMemoryBytes;
            // What was queued is tried even if it was tried before: somebody asked for it.
            if (isKnown || _store.Configure(claim, configuration, predicted, isUnique: row.Configuration is null && !Options.Noisy))
            {
                _book.Apply(row with { Configuration = configuration, PredictedMemoryBytes = predicted });
                return _book.Find(row.Number)!; // Just applied.
            }

            Sync();
        }
    }

    private Configuration Completed(TrialRow row)
    {
        var random = new RandomStream(Seeds.Mix(Options.Seed, row.Number));
        var drawn = RandomSampler.DrawUnits(_status.Space, ref random);
        return _status.Space.Build(parameter =>
            row.Configuration!.Values.TryGetValue(parameter.Name, out var given) ? given : parameter.FromUnit(drawn[parameter.Name])); // Not null: asked before.
    }

    private void FailIfRunning(Trial trial, string reason)
    {
        if (trial.State == TrialState.Running)
        {
            Fail(trial.Number, reason);
        }
    }

    private void Fenced(Claim claim, bool isDone)
    {
        if (!isDone)
        {
            // The copy here holds what the store refused: read everything again.
            _position = 0;
            _book.ClearReports();
            Sync();
            throw _held.Lost(claim);
        }
    }

    private List<RungRow> Reached(Trial trial, Verdict verdict)
    {
        var (bracket, steps) = Pruners.Ladder(View(), trial);
        return [.. Rungs.Due(steps, trial).Select(rung => new RungRow(bracket, rung, steps[rung], verdict))];
    }
}
