namespace Sightline.Tuning;

/// <summary>A search for good configurations of any objective, by ask and tell. It is kept in memory, or in a database that several processes and
/// machines share. Its members may be called from several threads.</summary>
/// <example><code>
/// using var study = new Study(new SearchSpace(new FloatParameter("x", -5, 5)), new StudyOptions { Seed = 1 });
/// while (study.Trials.Count &lt; 50 &amp;&amp; study.Ask() is { } trial)
/// {
///     study.Tell(trial.Number, Math.Pow(trial.Configuration.Float("x") - 2, 2));
/// }
/// </code></example>
/// <remarks>In a database each trial at hand is on lease: a thread of the study extends it, also while the objective is busy. Where the process is lost,
/// the lease runs out and the trial goes on elsewhere under its number, from its checkpoint if there is one. What a lost process still writes is refused.</remarks>
public sealed class Study : IDisposable
{
    private readonly Lock _lock = new();
    private readonly IStudyStore _store;
    private readonly StudyWorker _worker;
    private readonly List<Trial> _trials = [];
    private readonly HashSet<string> _tried = new(StringComparer.Ordinal);
    private readonly Dictionary<int, Claim> _held = [];
    private readonly Func<Configuration, bool>? _allows;
    private readonly LeaseKeeper? _keeper;
    private StudyStatus _status;
    private long _position;

    /// <summary>Begins a study in memory.</summary>
    /// <param name="space">What may be tried.</param>
    /// <param name="options">How to search; the defaults where null.</param>
    /// <param name="allows">Whether a configuration may be tried at all, known before it is, such as by its memory; null allows all.</param>
    /// <exception cref="SettingsException">The options cannot be used; the message lists all problems.</exception>
    public Study(SearchSpace space, StudyOptions? options = null, Func<Configuration, bool>? allows = null)
        : this(new MemoryStudyStore(space, Checked(options ?? new StudyOptions()), TimeProvider.System), new StudyWorker("memory"), allows)
    {
    }

    /// <summary>Takes part in a study that a store keeps; the study disposes the store.</summary>
    internal Study(IStudyStore store, StudyWorker worker, Func<Configuration, bool>? allows = null)
    {
        (_store, _worker, _allows) = (store, worker, allows);
        var changes = store.Changes(0);
        _status = changes.Status;
        Apply(changes);
        _keeper = store.Lease is { } lease ? new LeaseKeeper(store, worker, Held, lease) : null;
    }

    /// <summary>How it searches.</summary>
    public StudyOptions Options => _store.Options;

    /// <summary>The space as it is now.</summary>
    public SearchSpace Space => Locked(() => _status.Space);

    /// <summary>When it has had enough.</summary>
    public StudyBudget Budget => Locked(() => _status.Budget);

    /// <summary>Whether it gives out trials.</summary>
    public StudyState State => Locked(() => _status.State);

    /// <summary>What its trials have cost so far, as objectives and workers told, US dollars.</summary>
    public decimal SpentUsd => Locked(() => _status.SpentUsd);

    /// <summary>All trials so far, in the order of their numbers. One whose configuration is being chosen at this moment is left out.</summary>
    public IReadOnlyList<Trial> Trials => Locked<IReadOnlyList<Trial>>(() => [.. _trials]);

    /// <summary>The complete trial with the best value that meets all constraints; null while there is none. For one objective.</summary>
    /// <exception cref="InvalidOperationException">There are several objectives.</exception>
    public Trial? Best => Options.Directions.Count > 1
        ? throw new InvalidOperationException($"The study has {Options.Directions.Count} objectives and no single best trial. Read Front.")
        : Locked(() =>
        {
            var view = View();
            return Feasible().MinBy(trial => view.Loss(trial.Values[0]));
        });

    /// <summary>The complete trials that meet all constraints and that no other one dominates (the Pareto front).</summary>
    public IReadOnlyList<Trial> Front => Locked<IReadOnlyList<Trial>>(() => ParetoFront.First(View(), Feasible()));

    /// <summary>How long a trial of a configuration takes beside another, where candidates are weighed by gain per dollar; null where they are not.</summary>
    internal Func<Configuration, double>? RelativeCost { get; init; }

    /// <summary>Why no new trial may begin: the study was stopped or its budget is used up; null where one may.</summary>
    internal string? Closed => Locked(() => _status.Closed);

    /// <summary>Why trials at hand should end too; null where they may go on.</summary>
    internal string? Late => Locked(() => _status.Late);

    /// <summary>Whether <see cref="Late"/> was not null when the store was last read.</summary>
    internal bool IsLate => _status.Late is not null;

    /// <summary>How many trials run, here or elsewhere, or wait for a worker.</summary>
    internal int Unfinished => Locked(() => _status.Unfinished);

    /// <summary>Says that trials at hand should end, or that one was given to another worker: its number, or null for all. From a thread of the study.</summary>
    internal event Action<int?>? Interrupted;

    /// <summary>Begins a study in a database.</summary>
    /// <param name="place">A SQLite file, which is made where it is missing, or <c>postgresql://USER:PASSWORD@HOST/DATABASE</c>, or an Npgsql connection string.</param>
    /// <param name="space">What may be tried.</param>
    /// <param name="options">How to search. Its name must not be used in this database.</param>
    /// <param name="budget">When it has had enough; null for no limit.</param>
    /// <param name="allows">Whether a configuration may be tried at all; null allows all. For this process alone.</param>
    /// <exception cref="SettingsException">The options cannot be used, or there is a study of this name.</exception>
    /// <exception cref="SightlineException">The database cannot be reached or used.</exception>
    public static Study Create(string place, SearchSpace space, StudyOptions options, StudyBudget? budget = null, Func<Configuration, bool>? allows = null) =>
        new(DatabaseStudyStore.Create(place, space, Checked(options, budget), budget ?? StudyBudget.None, objective: null), NewWorker(), allows);

    /// <summary>Takes part in a study of a database.</summary>
    /// <param name="place">As in <see cref="Create"/>.</param>
    /// <param name="name">The study's name.</param>
    /// <param name="allows">Whether a configuration may be tried at all; null allows all. For this process alone.</param>
    /// <exception cref="NotFoundException">There is no study of this name.</exception>
    /// <exception cref="SightlineException">The database cannot be reached or used, or the study is of another version of Sightline.</exception>
    public static Study Open(string place, string name, Func<Configuration, bool>? allows = null) =>
        new(DatabaseStudyStore.Open(place, name), NewWorker(), allows);

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

                if (_store.Claim(_worker) is { } waiting)
                {
                    return Start(waiting);
                }

                if (Pruners.Promote(View()) is { } paused)
                {
                    if (_store.Promote(_worker, new Claim(paused.Number, paused.Epoch), paused.PromotedRung) is { } promoted)
                    {
                        return Start(promoted);
                    }

                    continue; // Another worker was first; what it did is read above.
                }

                return _store.Begin(_worker) is { } begun ? Start(begun) : null;
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
            var (trial, claim) = Running(number);
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
            var (_, claim) = Running(number);
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
        CheckValues(values, constraints);
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
            var (_, claim) = Running(number);
            Fenced(claim, _store.Release(claim));
            _held.Remove(number);
            Sync();
        }
    }

    /// <summary>Queues a configuration to be tried next. Parameters that it leaves out are chosen when the trial begins.</summary>
    /// <returns>The trial, waiting; the one there is where the configuration is known and the study is not noisy.</returns>
    /// <exception cref="SettingsException">The configuration is not of the space.</exception>
    public Trial Enqueue(Configuration configuration)
    {
        lock (_lock)
        {
            Sync();
            CheckConfiguration(configuration);
            var row = new TrialRow { Number = -1, State = TrialState.Waiting, Configuration = configuration, Source = TrialSource.Enqueued, IsClaimable = true };
            var number = _store.Add(row, [], isUnique: !Options.Noisy);
            Sync();
            return number is { } added ? Find(added)! : _trials.First(trial => trial.Configuration.Equals(configuration)); // Just read.
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
        CheckValues(values, constraints ?? []);
        lock (_lock)
        {
            Sync();
            CheckConfiguration(configuration);
            var missing = _status.Space.Build(parameter => configuration.Values.TryGetValue(parameter.Name, out var value) ? value : parameter.FromUnit(0))
                .Values.Keys.Where(name => !configuration.Has(name)).ToList();
            if (missing.Count > 0)
            {
                throw new SettingsException($"The configuration lacks {string.Join(", ", missing)}; a finished trial needs a value for each active parameter.");
            }

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
            return Find(number)!; // Just read.
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
        Checked(Options, budget);
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

    /// <summary>Ends the leases' thread and closes the database. Trials at hand are given to others when their leases run out; <see cref="Release"/> them before.</summary>
    public void Dispose()
    {
        _keeper?.Dispose();
        lock (_lock)
        {
            _store.Dispose();
        }
    }

    /// <summary>Ends a running trial; the worker's way.</summary>
    internal void End(int number, TrialEnd end)
    {
        lock (_lock)
        {
            var (_, claim) = Running(number);
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

    private static StudyOptions Checked(StudyOptions options, StudyBudget? budget = null)
    {
        var problems = options.Check().Concat(budget?.Check() ?? []).ToList();
        return problems.Count > 0 ? throw new SettingsException(string.Join(" ", problems)) : options;
    }

    private static StudyWorker NewWorker() => new($"{Environment.MachineName}-{Environment.ProcessId}-{Guid.NewGuid():N}");

    private void FailIfRunning(Trial trial, string reason)
    {
        if (trial.State == TrialState.Running)
        {
            Fail(trial.Number, reason);
        }
    }

    private T Locked<T>(Func<T> read)
    {
        lock (_lock)
        {
            Sync();
            return read();
        }
    }

    private StudyView View() => new(_status.Space, Options, _trials, _tried, _allows)
    {
        Penalty = RelativeCost is { } cost ? GainPerDollar.Penalty(cost, () => SpentShare) : null,
    };

    // By the limit that is nearest; time counts as trials do, since it is they that take it.
    private double SpentShare => Math.Max(
        _status.Budget.Trials is { } most ? (double)_trials.Count / most : 0, _status.Budget.CostUsd is { } dollars ? (double)(_status.SpentUsd / dollars) : 0);

    private List<Trial> Feasible() => [.. _trials.Where(trial => trial is { State: TrialState.Complete, Violation: 0 })];

    private void Sync() => Apply(_store.Changes(_position));

    private void Apply(StudyChanges changes)
    {
        (_position, _status) = (changes.Position, changes.Status);
        foreach (var row in changes.Trials)
        {
            // A trial whose configuration is still being chosen is nothing to learn from.
            if (row.Configuration is not { } configuration)
            {
                continue;
            }

            var place = Place(row.Number);
            if (place < 0)
            {
                place = ~place;
                _trials.Insert(place, new Trial(row.Number, configuration));
            }
            else if (_trials[place].Configuration.Key != configuration.Key)
            {
                _tried.Remove(_trials[place].Configuration.Key);
            }

            _tried.Add(configuration.Key);
            _trials[place].Apply(row);
        }

        foreach (var reports in changes.Reports.GroupBy(report => report.Number))
        {
            Find(reports.Key)?.Merge(reports);
        }
    }

    private void Reap()
    {
        if (_keeper is not null && _keeper.IsReapingDue())
        {
            _store.Reap();
        }
    }

    private Trial? Start(TrialRow row)
    {
        var claim = new Claim(row.Number, row.Epoch);
        _held[row.Number] = claim;
        var isProposed = row.Configuration is null;
        while (true)
        {
            Sync();
            if ((isProposed ? Samplers.Next(View(), row.Number) : Completed(row)) is not { } configuration)
            {
                _store.Withdraw(claim);
                _held.Remove(row.Number);
                return null;
            }

            // What was queued is tried even if it was tried before: somebody asked for it.
            if (_store.Configure(claim, configuration, isUnique: isProposed && !Options.Noisy))
            {
                Sync();
                return Find(row.Number)!; // Just read.
            }
        }
    }

    private Configuration Completed(TrialRow row)
    {
        var random = new RandomStream(Seeds.Mix(Options.Seed, row.Number));
        var drawn = RandomSampler.DrawUnits(_status.Space, ref random);
        return _status.Space.Build(parameter =>
            row.Configuration!.Values.TryGetValue(parameter.Name, out var given) ? given : parameter.FromUnit(drawn[parameter.Name])); // Not null: asked before.
    }

    private int Place(int number)
    {
        // The newest are asked for most.
        if (_trials.Count == 0 || _trials[^1].Number < number)
        {
            return ~_trials.Count;
        }

        var (low, high) = (0, _trials.Count - 1);
        while (low <= high)
        {
            var middle = (low + high) / 2;
            if (_trials[middle].Number == number)
            {
                return middle;
            }

            (low, high) = _trials[middle].Number < number ? (middle + 1, high) : (low, middle - 1);
        }

        return ~low;
    }

    private Trial? Find(int number) => Place(number) is >= 0 and var place ? _trials[place] : null;

    private (Trial Trial, Claim Claim) Running(int number)
    {
        if (Find(number) is not { } trial)
        {
            throw new ArgumentOutOfRangeException(nameof(number), number, $"The study has {_trials.Count} trials, from 0.");
        }

        if (_held.TryGetValue(number, out var claim))
        {
            return trial.Epoch == claim.Epoch && trial.State == TrialState.Running ? (trial, claim) : throw Lost(claim);
        }

        throw new InvalidOperationException(trial.State == TrialState.Running ? $"Trial {number} is at another worker; only its own may tell of it."
            : $"Trial {number} is {trial.State}; only a running trial can be told of.");
    }

    private void Fenced(Claim claim, bool isDone)
    {
        if (!isDone)
        {
            // The copy here holds what the store refused: read everything again.
            _position = 0;
            foreach (var trial in _trials)
            {
                trial.Clear();
            }

            Sync();
            throw Lost(claim);
        }
    }

    private TrialLostException Lost(Claim claim)
    {
        _held.Remove(claim.Number);
        return new TrialLostException(claim.Number, $"Trial {claim.Number} was given to another worker, because this one was silent for longer than {Options.Lease.TotalSeconds:0} seconds, " +
            "or it is over. What was told of it now was refused; ask for another trial.");
    }

    private IReadOnlyList<Claim> Held(IReadOnlyList<Claim> lost, bool isLate)
    {
        foreach (var claim in lost)
        {
            Interrupted?.Invoke(claim.Number);
        }

        if (isLate)
        {
            Interrupted?.Invoke(null);
        }

        lock (_lock)
        {
            return [.. _held.Values];
        }
    }

    private List<RungRow> Reached(Trial trial, Verdict verdict)
    {
        var (bracket, steps) = Pruners.Ladder(View(), trial);
        return [.. Rungs.Due(steps, trial).Select(rung => new RungRow(bracket, rung, steps[rung], verdict))];
    }

    private void CheckValues(IReadOnlyList<double> values, IReadOnlyList<double> constraints)
    {
        if (values.Count != Options.Directions.Count)
        {
            throw new ArgumentException($"{values.Count} values were told; the study has {Options.Directions.Count} objectives.", nameof(values));
        }

        if (constraints.Any(double.IsNaN))
        {
            throw new ArgumentException("A constraint is not a number (NaN); tell a number, at most 0 where it is met.", nameof(constraints));
        }
    }

    private void CheckConfiguration(Configuration configuration)
    {
        var problems = _status.Space.Problems(configuration).ToList();
        if (problems.Count > 0)
        {
            throw new SettingsException(string.Join(" ", problems));
        }
    }
}
