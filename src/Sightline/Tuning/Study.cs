namespace Sightline.Tuning;

/// <summary>A search for good configurations of any objective, by ask and tell. It is kept in memory; its members may be called from several threads.</summary>
/// <example><code>
/// var study = new Study(new SearchSpace(new FloatParameter("x", -5, 5)), new StudyOptions { Seed = 1 });
/// while (study.Trials.Count &lt; 50 &amp;&amp; study.Ask() is { } trial)
/// {
///     study.Tell(trial.Number, Math.Pow(trial.Configuration.Float("x") - 2, 2));
/// }
/// </code></example>
public sealed class Study
{
    private readonly Lock _lock = new();
    private readonly List<Trial> _trials = [];
    private readonly HashSet<string> _tried = new(StringComparer.Ordinal);
    private readonly Func<Configuration, bool>? _allows;
    private SearchSpace _space;

    /// <summary>Begins a study.</summary>
    /// <param name="space">What may be tried.</param>
    /// <param name="options">How to search; the defaults where null.</param>
    /// <param name="allows">Whether a configuration may be tried at all, known before it is, such as by its memory; null allows all.</param>
    /// <exception cref="SettingsException">The options cannot be used; the message lists all problems.</exception>
    public Study(SearchSpace space, StudyOptions? options = null, Func<Configuration, bool>? allows = null)
    {
        Options = options ?? new StudyOptions();
        var problems = Options.Check().ToList();
        if (problems.Count > 0)
        {
            throw new SettingsException(string.Join(" ", problems));
        }

        (_space, _allows) = (space, allows);
    }

    /// <summary>How it searches.</summary>
    public StudyOptions Options { get; }

    /// <summary>The space as it is now.</summary>
    public SearchSpace Space
    {
        get
        {
            lock (_lock)
            {
                return _space;
            }
        }
    }

    /// <summary>All trials so far, in the order of their numbers.</summary>
    public IReadOnlyList<Trial> Trials
    {
        get
        {
            lock (_lock)
            {
                return [.. _trials];
            }
        }
    }

    /// <summary>The complete trial with the best value that meets all constraints; null while there is none. For one objective.</summary>
    /// <exception cref="InvalidOperationException">There are several objectives.</exception>
    public Trial? Best
    {
        get
        {
            if (Options.Directions.Count > 1)
            {
                throw new InvalidOperationException($"The study has {Options.Directions.Count} objectives and no single best trial. Read Front.");
            }

            lock (_lock)
            {
                var view = View();
                return Feasible().MinBy(trial => view.Loss(trial.Values[0]));
            }
        }
    }

    /// <summary>The complete trials that meet all constraints and that no other one dominates (the Pareto front).</summary>
    public IReadOnlyList<Trial> Front
    {
        get
        {
            lock (_lock)
            {
                return ParetoFront.First(View(), Feasible());
            }
        }
    }

    /// <summary>Gives a trial to work on: a queued one, a paused one that goes on, or a new one.</summary>
    /// <returns>The trial, running; null where every configuration has been tried or none of those left is allowed.</returns>
    public Trial? Ask()
    {
        lock (_lock)
        {
            var view = View();
            var next = _trials.FirstOrDefault(trial => trial.State == TrialState.Waiting);
            if (next is not null)
            {
                _tried.Remove(next.Configuration.Key);
                next.Configuration = Completed(next);
                _tried.Add(next.Configuration.Key);
            }
            else if ((next = Pruners.Promote(view)) is null)
            {
                if (Samplers.Next(view, _trials.Count) is not { } configuration)
                {
                    return null;
                }

                next = Add(configuration, TrialState.Running);
            }

            next.State = TrialState.Running;
            return next;
        }
    }

    /// <summary>Tells how a running trial stands, and says whether to go on with it.</summary>
    /// <param name="number">The trial's number.</param>
    /// <param name="step">How far it is, in the study's unit; at least 0. A step told before is replaced, with all after it.</param>
    /// <param name="value">The objective there; may be NaN.</param>
    /// <returns>After <see cref="Verdict.Stop"/> the trial is pruned and after <see cref="Verdict.Pause"/> it is paused: tell no more of it.</returns>
    /// <exception cref="InvalidOperationException">The trial is not running.</exception>
    public Verdict Report(int number, long step, double value)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(step);
        lock (_lock)
        {
            var trial = Running(number);
            trial.Add(new TrialReport(step, value));
            var verdict = Pruners.Judge(View(), trial);
            trial.State = verdict switch { Verdict.Stop => TrialState.Pruned, Verdict.Pause => TrialState.Paused, _ => trial.State };
            return verdict;
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
        lock (_lock)
        {
            Finish(Running(number), values, constraints);
        }
    }

    /// <summary>Ends a running trial whose objective failed. Its configuration is not proposed again.</summary>
    public void Fail(int number, string reason) => End(number, TrialState.Failed, reason);

    /// <summary>Ends a running trial that cannot be run, for example for lack of memory. Its configuration is not proposed again.</summary>
    public void MarkInfeasible(int number, string reason) => End(number, TrialState.Infeasible, reason);

    /// <summary>Queues a configuration to be tried next. Parameters that it leaves out are chosen when the trial begins.</summary>
    /// <returns>The trial, waiting; the one there is where the configuration is known and the study is not noisy.</returns>
    /// <exception cref="SettingsException">The configuration is not of the space.</exception>
    public Trial Enqueue(Configuration configuration)
    {
        lock (_lock)
        {
            CheckConfiguration(configuration);
            if (!Options.Noisy && _tried.Contains(configuration.Key))
            {
                return _trials.First(trial => trial.Configuration.Equals(configuration));
            }

            var trial = Add(configuration, TrialState.Waiting);
            trial.IsEnqueued = true;
            return trial;
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
            CheckConfiguration(configuration);
            var missing = _space.Build(parameter => configuration.Values.TryGetValue(parameter.Name, out var value) ? value : parameter.FromUnit(0))
                .Values.Keys.Where(name => !configuration.Has(name)).ToList();
            if (missing.Count > 0)
            {
                throw new SettingsException($"The configuration lacks {string.Join(", ", missing)}; a finished trial needs a value for each active parameter.");
            }

            var trial = Add(configuration, TrialState.Running);
            trial.IsEnqueued = true;
            foreach (var report in reports ?? [])
            {
                trial.Add(report);
            }

            Finish(trial, values, constraints ?? []);
            return trial;
        }
    }

    /// <summary>Changes the space while the study lives. Trials stay; the samplers learn from the values that the new space still has.</summary>
    public void ChangeSpace(SearchSpace space)
    {
        lock (_lock)
        {
            _space = space;
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

    private void FailIfRunning(Trial trial, string reason)
    {
        if (trial.State == TrialState.Running)
        {
            Fail(trial.Number, reason);
        }
    }

    private StudyView View() => new(_space, Options, _trials, _tried, _allows);

    private List<Trial> Feasible() => [.. _trials.Where(trial => trial is { State: TrialState.Complete, Violation: 0 })];

    private Trial Add(Configuration configuration, TrialState state)
    {
        var trial = new Trial(_trials.Count, configuration, state);
        _trials.Add(trial);
        _tried.Add(configuration.Key);
        return trial;
    }

    private Configuration Completed(Trial trial)
    {
        var random = new RandomStream(Seeds.Mix(Options.Seed, trial.Number));
        var drawn = RandomSampler.DrawUnits(_space, ref random);
        return _space.Build(parameter =>
            trial.Configuration.Values.TryGetValue(parameter.Name, out var given) ? given : parameter.FromUnit(drawn[parameter.Name]));
    }

    private Trial Running(int number)
    {
        if (number < 0 || number >= _trials.Count)
        {
            throw new ArgumentOutOfRangeException(nameof(number), number, $"The study has {_trials.Count} trials, from 0.");
        }

        return _trials[number] is { State: TrialState.Running } trial ? trial
            : throw new InvalidOperationException($"Trial {number} is {_trials[number].State}; only a running trial can be told of.");
    }

    private void End(int number, TrialState state, string reason)
    {
        lock (_lock)
        {
            var trial = Running(number);
            (trial.State, trial.Reason) = (state, reason);
        }
    }

    private static void Finish(Trial trial, IReadOnlyList<double> values, IReadOnlyList<double> constraints)
    {
        (trial.Values, trial.Constraints, trial.State) = ([.. values], [.. constraints], TrialState.Complete);
        if (values.Any(double.IsNaN))
        {
            (trial.State, trial.Values, trial.Reason) = (TrialState.Failed, [], "The objective is not a number (NaN).");
        }
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
        var problems = _space.Problems(configuration).ToList();
        if (problems.Count > 0)
        {
            throw new SettingsException(string.Join(" ", problems));
        }
    }
}
