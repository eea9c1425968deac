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
public sealed partial class Study : IDisposable
{
    private readonly Lock _lock = new();
    private readonly IStudyStore _store;
    private readonly StudyWorker _worker;
    private readonly TrialBook _book = new();
    private readonly HeldTrials _held;
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
        : this(new MemoryStudyStore(space, StudyChecks.Checked(options ?? new StudyOptions()), TimeProvider.System), new StudyWorker("memory"), allows)
    {
    }

    /// <summary>Takes part in a study that a store keeps; the study disposes the store.</summary>
    internal Study(IStudyStore store, StudyWorker worker, Func<Configuration, bool>? allows = null)
    {
        (_store, _worker, _allows) = (store, worker, allows);
        _held = new HeldTrials(_book, store.Options.Lease);
        var changes = store.Changes(0);
        (_position, _status) = (changes.Position, changes.Status);
        _book.Apply(changes);
        _keeper = store.Lease is { } lease ? new LeaseKeeper(store, worker, Renewed, lease) : null;
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
    public IReadOnlyList<Trial> Trials => Locked<IReadOnlyList<Trial>>(() => [.. _book.All]);

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

    /// <summary>Told when the store no longer answers and when it does again; null for silence.</summary>
    internal Action<string>? StoreSaid
    {
        set
        {
            if (_store is DatabaseStudyStore database)
            {
                database.Said = value;
            }
        }
    }

    /// <summary>How much memory a configuration needs on its device by the plan, bytes; null where there is no plan. Kept with each trial.</summary>
    internal Func<Configuration, long?>? PredictedMemory { get; init; }

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
        new(DatabaseStudyStore.Create(place, space, StudyChecks.Checked(options, budget), budget ?? StudyBudget.None, objective: null), NewWorker(), allows);

    /// <summary>Takes part in a study of a database.</summary>
    /// <param name="place">As in <see cref="Create"/>.</param>
    /// <param name="name">The study's name.</param>
    /// <param name="allows">Whether a configuration may be tried at all; null allows all. For this process alone.</param>
    /// <exception cref="NotFoundException">There is no study of this name.</exception>
    /// <exception cref="SightlineException">The database cannot be reached or used, or the study is of another version of Sightline.</exception>
    public static Study Open(string place, string name, Func<Configuration, bool>? allows = null) =>
        new(DatabaseStudyStore.Open(place, name), NewWorker(), allows);

    /// <summary>Ends the leases' thread and closes the database. Trials at hand are given to others when their leases run out; <see cref="Release"/> them before.</summary>
    public void Dispose()
    {
        _keeper?.Dispose();
        lock (_lock)
        {
            _store.Dispose();
        }
    }

    private static StudyWorker NewWorker() => new($"{Environment.MachineName}-{Environment.ProcessId}-{Guid.NewGuid():N}");

    private T Locked<T>(Func<T> read)
    {
        lock (_lock)
        {
            Sync();
            return read();
        }
    }

    private StudyView View() => new(_status.Space, Options, _book.All, _book.Tried, _allows)
    {
        Penalty = RelativeCost is { } cost ? GainPerDollar.Penalty(cost, () => SpentShare) : null,
    };

    // By the limit that is nearest; time counts as trials do, since it is they that take it.
    private double SpentShare => Math.Max(
        _status.Budget.Trials is { } most ? (double)_book.All.Count / most : 0, _status.Budget.CostUsd is { } dollars ? (double)(_status.SpentUsd / dollars) : 0);

    private List<Trial> Feasible() => [.. _book.All.Where(trial => trial is { State: TrialState.Complete, Violation: 0 })];

    private void Sync()
    {
        var changes = _store.Changes(_position);
        (_position, _status) = (changes.Position, changes.Status);
        _book.Apply(changes);
    }

    private IReadOnlyList<Claim> Renewed(IReadOnlyList<Claim> lost, bool isLate)
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
            return _held.All;
        }
    }
}
