namespace Sightline.Tuning;

/// <content>What is decided from outside: trials queued and attached, the space, the budget, the end.</content>
public sealed partial class Study
{
    /// <summary>Queues a configuration to be tried next. Parameters that it leaves out are chosen when the trial begins.</summary>
    /// <returns>The trial, waiting; the one there is where the configuration is known and the study is not noisy.</returns>
    /// <exception cref="SettingsException">The configuration is not of the space.</exception>
    public Trial Enqueue(Configuration configuration)
    {
        lock (_lock)
        {
            Sync();
            StudyChecks.Given(_status.Space, configuration);
            var row = new TrialRow { Number = -1, State = TrialState.Waiting, Configuration = configuration, Source = TrialSource.Enqueued, IsClaimable = true, PredictedMemoryBytes = PredictedMemory?.Invoke(configuration) };
            var number = _store.Add(row, [], isUnique: !Options.Noisy);
            Sync();
            return number is { } added ? _book.Find(added)! : _book.All.First(trial => trial.Configuration.Equals(configuration)); // Just read.
        }
    }

    /// <summary>Adds a trial that was finished elsewhere; the samplers learn from it.</summary>
    /// <param name="configuration">A complete configuration of the space.</param>
    /// <param name="values">One per objective.</param>
    /// <param name="constraints">As in <see cref="Tell(int, IReadOnlyList{double}, IReadOnlyList{double})"/>; none by default.</param>
    /// <param name="reports">Its values on the way; none by default.</param>
    /// <returns>The trial, complete.</returns>
    /// <exception cref="SettingsException">The configuration is not of the space, or not complete.</exception>
    public Trial Attach(
        Configuration configuration, IReadOnlyList<double> values, IReadOnlyList<double>? constraints = null, IReadOnlyList<TrialReport>? reports = null)
    {
        StudyChecks.Values(Options, values, constraints ?? []);
        lock (_lock)
        {
            Sync();
            StudyChecks.Complete(_status.Space, configuration);
            var end = Ending(values, constraints ?? []);
            var row = new TrialRow
            {
                Number = -1,
                State = end.State,
                Configuration = configuration,
                Source = TrialSource.Attached,
                Values = end.Values,
                Constraints = end.Constraints,
                Reason = end.Reason,
            };
            var number = _store.Add(row, reports ?? [], isUnique: false)!.Value; // Null only for what must be unique.
            Sync();
            return _book.Find(number)!; // Just read.
        }
    }

    /// <summary>Changes the space while the study lives. Trials stay; the samplers learn from the values that the new space still has.</summary>
    public void ChangeSpace(SearchSpace space)
    {
        lock (_lock)
        {
            _store.SetSpace(space);
            Sync();
        }
    }

    /// <summary>Opens the study, again perhaps, with this budget.</summary>
    /// <exception cref="SettingsException">The budget cannot be used.</exception>
    public void Continue(StudyBudget budget)
    {
        StudyChecks.Checked(Options, budget);
        lock (_lock)
        {
            _store.SetState(StudyState.Open, budget);
            Sync();
        }
    }

    /// <summary>Stops the study: no trial begins any more, and workers give theirs back. <see cref="Continue"/> opens it again.</summary>
    public void Stop()
    {
        lock (_lock)
        {
            _store.SetState(StudyState.Stopped, null);
            Sync();
        }
    }
}
