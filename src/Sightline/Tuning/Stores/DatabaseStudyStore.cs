using System.Data.Common;
using System.Text.Json;
using Sightline.Compute;
using Sightline.Compute.Storage;

namespace Sightline.Tuning;

/// <summary>A study in a database that several processes share: SQLite on one machine, PostgreSQL for many.</summary>
/// <remarks>
/// A trial is claimed by one statement; on PostgreSQL it skips rows that another worker holds (SKIP LOCKED), on SQLite the whole file has one writer.
/// Every write to a running trial carries its epoch and changes nothing where the trial has another by now. All instants are the store's own clock.
/// Changes are read by revision: on SQLite a counter of writes, on PostgreSQL the transaction's id, read from the oldest one still open, so that a
/// transaction that commits late is not missed and writers need no common lock.
/// </remarks>
internal sealed class DatabaseStudyStore : IStudyStore
{
    /// <summary>The version of what the columns mean; a study with a higher one is of a newer Sightline.</summary>
    internal const int Format = 1;

    private const string Objective = "objective"; // The metric that is searched for; others may stand beside it.

    private readonly Database _database;
    private readonly StoreConnection _connection;
    private readonly StoreConnection _renewal;
    private readonly StudyReader _reader;
    private readonly long _study;
    private readonly string _now;
    private readonly string _revision;
    private readonly string _bump;
    private readonly string _touched;
    private readonly string _skipLocked;
    private bool _isWorkerKnown;

    private DatabaseStudyStore(Database database, string name, TimeSpan patience)
    {
        _database = database;
        (_now, _revision, _skipLocked) = (StoreSql.Now(database), StoreSql.Revision(database), StoreSql.SkipLocked(database));
        _bump = database.IsPostgres ? "" : "UPDATE studies SET revision = revision + 1 WHERE id = @study";
        _touched = $"study_id = @study AND number = @number AND revision = {_revision}";
        _reader = new StudyReader(_now, StoreSql.Position(database));
        _connection = new StoreConnection(database, patience);
        _renewal = new StoreConnection(database, patience);
        (_study, Options, ObjectiveJson) = _connection.Read(session => ReadStudy(session, name));
    }

    /// <summary>How long a server that does not answer is tried again.</summary>
    internal static TimeSpan Patience { get; } = TimeSpan.FromSeconds(60);

    /// <inheritdoc/>
    public StudyOptions Options { get; }

    /// <inheritdoc/>
    public TimeSpan? Lease => Options.Lease;

    /// <summary>What the workers run, as the command line wrote it; null for a study of a program's own.</summary>
    public string? ObjectiveJson { get; }

    /// <summary>Told when the server no longer answers and when it does again.</summary>
    public Action<string>? Said
    {
        set => _connection.Said = value;
    }

    /// <summary>Makes a study.</summary>
    /// <exception cref="SettingsException">There is one of this name.</exception>
    public static DatabaseStudyStore Create(string place, SearchSpace space, StudyOptions options, StudyBudget budget, string? objective) => Using(place, database =>
    {
        using var connection = new StoreConnection(database, Patience);
        try
        {
            connection.Write(session => StudySql.Insert(session, StoreSql.Now(database), space, options, budget, objective));
        }
        catch (DbException error) when (StoreConnection.IsDuplicate(error))
        {
            throw new SettingsException($"There is a study '{options.Name}' in this store already. Choose another name, or continue that one.");
        }

        return new DatabaseStudyStore(database, options.Name, Patience);
    });

    /// <summary>Opens a study.</summary>
    /// <param name="place">A file, or the address of a server.</param>
    /// <param name="name">The study's name.</param>
    /// <param name="patience">How long a server that does not answer is tried again; null for <see cref="Patience"/>.</param>
    /// <exception cref="NotFoundException">There is none of this name.</exception>
    public static DatabaseStudyStore Open(string place, string name, TimeSpan? patience = null) => Using(place, database => new DatabaseStudyStore(database, name, patience ?? Patience));

    /// <summary>The studies of a database, by name.</summary>
    public static IReadOnlyList<string> Names(string place) => Using(place, database =>
    {
        using (database)
        using (var connection = new StoreConnection(database, Patience))
        {
            return connection.Read(session => session.Query("SELECT name FROM studies ORDER BY created_at, name", reader => reader.GetString(0)));
        }
    });

    /// <inheritdoc/>
    public StudyChanges Changes(long since) => _connection.Read(session =>
        session.QueryAll(_reader.Sql, _reader.Read, ("study", _study), ("known", _reader.SpaceVersion), ("since", since)));

    /// <inheritdoc/>
    public TrialRow? Claim(StudyWorker worker) => _connection.Write(
        Batch().Add(
            $"""
            UPDATE trials SET state = 'running', claimable = 0, lease_epoch = lease_epoch + 1, lease_until = {_now} + @lease, worker_id = @worker,
                started_at = COALESCE(started_at, {_now}), revision = {_revision}
            WHERE study_id = @study AND number = (
                SELECT number FROM trials WHERE study_id = @study AND claimable = 1
                    AND (predicted_memory IS NULL OR predicted_memory <= CAST(@memory AS bigint) OR CAST(@memory AS bigint) IS NULL)
                ORDER BY priority, number LIMIT 1 {_skipLocked})
            RETURNING {StudyReader.RowColumns}
            """,
            ("lease", Micros(Options.Lease)), ("worker", worker.Id), ("memory", worker.MemoryBytes)),
        StudyReader.Row).SingleOrDefault();

    /// <inheritdoc/>
    public TrialRow? Promote(StudyWorker worker, Claim paused, int rung) => _connection.Write(
        Batch().Add(
            $"""
            UPDATE trials SET state = 'running', claimable = 0, lease_epoch = lease_epoch + 1, lease_until = {_now} + @lease, worker_id = @worker,
                promoted_rung = @rung, revision = {_revision}
            WHERE study_id = @study AND number = @number AND lease_epoch = @epoch AND state = 'paused'
            RETURNING {StudyReader.RowColumns}
            """,
            ("number", paused.Number), ("epoch", paused.Epoch), ("lease", Micros(Options.Lease)), ("worker", worker.Id), ("rung", rung)),
        StudyReader.Row).SingleOrDefault();

    /// <inheritdoc/>
    public TrialRow? Begin(StudyWorker worker) => _connection.Write(
        // The last number has its trial, always, unless the first statement has just raised it.
        Batch().Add(
            $"""
            UPDATE studies SET next_number = next_number + 1 WHERE id = @study AND state = 'open'
                AND (budget_trials IS NULL OR next_number - attached < budget_trials)
                AND (budget_deadline IS NULL OR budget_deadline > {_now}) AND (budget_cost IS NULL OR budget_cost > spent)
            """).Add(
            $"""
            INSERT INTO trials (study_id, number, state, claimable, space_version, source, priority, attempt, worker_id, lease_epoch, lease_until, promoted_rung,
                created_at, started_at, revision)
            SELECT id, next_number - 1, 'running', 0, 0, 'sampler', 0, 0, @worker, 1, {_now} + @lease, -1, {_now}, {_now}, {_revision} FROM studies
            WHERE id = @study AND next_number > 0 AND NOT EXISTS (SELECT 1 FROM trials WHERE study_id = studies.id AND number = studies.next_number - 1)
            RETURNING {StudyReader.RowColumns}
            """,
            ("worker", worker.Id), ("lease", Micros(Options.Lease))),
        StudyReader.Row).SingleOrDefault();

    /// <inheritdoc/>
    public bool Configure(Claim claim, Configuration configuration, long? predictedMemoryBytes, bool isUnique)
    {
        var batch = Fenced(claim, "params = @params, unique_key = @key, space_version = @space, predicted_memory = CAST(@predicted AS bigint)",
            ("params", configuration.Key), ("key", isUnique ? configuration.Key : null), ("space", _reader.SpaceVersion), ("predicted", predictedMemoryBytes));
        StudySql.AddParameters(batch, _touched, configuration);
        try
        {
            return IsDone(batch) ? true : throw new TrialLostException(claim.Number, $"Trial {claim.Number} was given to another worker while its configuration was being chosen.");
        }
        catch (DbException error) when (StoreConnection.IsDuplicate(error))
        {
            return false;
        }
    }

    /// <inheritdoc/>
    public void Withdraw(Claim claim) => _connection.Write(session =>
    {
        Bump(session);
        session.Execute("UPDATE studies SET state = state WHERE id = @study", ("study", _study)); // Takes PostgreSQL's lock on the row before the count.
        session.Execute("DELETE FROM trials WHERE study_id = @study AND number = @number AND lease_epoch = @epoch AND params IS NULL",
            ("study", _study), ("number", claim.Number), ("epoch", claim.Epoch));
        return session.Execute("UPDATE studies SET next_number = (SELECT COALESCE(MAX(number), -1) + 1 FROM trials WHERE study_id = @study) WHERE id = @study", ("study", _study));
    });

    /// <inheritdoc/>
    public int? Add(TrialRow row, IReadOnlyList<TrialReport> reports, bool isUnique)
    {
        try
        {
            return _connection.Write(session =>
            {
                Bump(session);
                var number = StudySql.InsertTrial(session, _now, _revision, _study, _reader.SpaceVersion, row, isUnique);
                var batch = new StoreBatch().With(("study", _study), ("number", number));
                StudySql.AddParameters(batch, _touched, row.Configuration!); // Added trials have one.
                StudySql.AddEnd(batch, _touched, _revision, row.Values, row.Constraints);
                session.Run(batch, _ => 0);
                foreach (var report in reports)
                {
                    session.Execute(InsertReport, [("study", _study), ("number", number), .. Values(report)]);
                }

                return (int?)number;
            });
        }
        catch (DbException error) when (StoreConnection.IsDuplicate(error))
        {
            return null;
        }
    }

    /// <inheritdoc/>
    public bool Report(Claim claim, TrialReport report, Verdict verdict, int promotedRung, long? stoppedAtRung, IReadOnlyList<RungRow> rungs)
    {
        var end = verdict switch
        {
            Verdict.Stop => $", state = 'pruned', lease_until = NULL, ended_at = {_now}",
            Verdict.Pause => ", state = 'paused', lease_until = NULL",
            _ => "",
        };
        var batch = Fenced(claim, "step = @step, promoted_rung = @promoted, stopped_at_rung = CAST(@stopped AS bigint)" + end,
            [.. Values(report), ("promoted", promotedRung), ("stopped", stoppedAtRung)]);
        batch.Add($"UPDATE intermediate SET superseded = 1, revision = {_revision} WHERE study_id = @study AND number = @number AND step > @step AND superseded = 0 " +
            $"AND EXISTS (SELECT 1 FROM trials WHERE {_touched})");
        batch.Add(InsertReport);
        batch.AddRows(
            $$"""
            INSERT INTO rungs (study_id, number, bracket, rung, step, value, kind, verdict, at)
            SELECT study_id, number, column1, column2, column3, CAST(@value AS double precision), CAST(@kind AS text), column4, {{_now}} FROM trials, {rows} WHERE {{_touched}}
            ON CONFLICT (study_id, number, rung) DO UPDATE SET value = excluded.value, kind = excluded.kind, verdict = excluded.verdict, at = excluded.at
            """,
            [("b", "bigint"), ("r", "bigint"), ("rs", "bigint"), ("rv", "text")],
            [.. rungs.Select(rung => new object?[] { rung.Bracket, rung.Rung, rung.Step, Name(rung.Verdict) })]);
        return IsDone(batch);
    }

    /// <inheritdoc/>
    public bool KeepCheckpoint(Claim claim, long step) => IsDone(Fenced(claim, "checkpoint_step = @step", ("step", step)));

    /// <inheritdoc/>
    public bool Finish(Claim claim, TrialEnd end)
    {
        var batch = Fenced(claim, $"state = @state, lease_until = NULL, ended_at = {_now}, reason = @reason, {StudySql.Costs}",
            ("state", Name(end.State)), ("reason", end.Reason), ("cost", StudySql.Micros(end.CostUsd)), ("peak", end.PeakMemoryBytes));
        StudySql.AddEnd(batch, _touched, _revision, end.Values, end.Constraints);
        StudySql.AddSpent(batch, _touched, end.CostUsd);
        return IsDone(batch);
    }

    /// <inheritdoc/>
    public void AddCost(Claim claim, decimal? costUsd, long? peakMemoryBytes)
    {
        if (costUsd is null && peakMemoryBytes is null)
        {
            return;
        }

        var batch = Batch().Add($"UPDATE trials SET {StudySql.Costs}, revision = {_revision} WHERE study_id = @study AND number = @number AND lease_epoch = @epoch",
            ("number", claim.Number), ("epoch", claim.Epoch), ("cost", StudySql.Micros(costUsd)), ("peak", peakMemoryBytes));
        StudySql.AddSpent(batch, _touched, costUsd);
        _connection.Write(batch, _ => 0);
    }

    /// <inheritdoc/>
    public bool Release(Claim claim) => IsDone(
        Fenced(claim, "state = CASE WHEN checkpoint_step IS NULL THEN 'waiting' ELSE 'paused' END, claimable = 1, lease_until = NULL, worker_id = NULL")
            .Add($"{SupersedeBeyondCheckpoint} AND EXISTS (SELECT 1 FROM trials WHERE {_touched})"));

    /// <inheritdoc/>
    public (IReadOnlyList<Claim> Lost, bool IsLate) Renew(StudyWorker worker, IReadOnlyList<Claim> claims)
    {
        if (claims.Count == 0)
        {
            return ([], _renewal.Read(IsLate));
        }

        return _renewal.Write<(IReadOnlyList<Claim>, bool)>(session =>
        {
            KnowWorker(session, worker);
            var lost = claims.Where(claim => session.Execute(
                $"UPDATE trials SET lease_until = {_now} + @lease WHERE study_id = @study AND number = @number AND lease_epoch = @epoch AND state = 'running'",
                ("lease", Micros(Options.Lease)), ("study", _study), ("number", claim.Number), ("epoch", claim.Epoch)) == 0).ToList();
            return (lost, IsLate(session));
        });
    }

    /// <inheritdoc/>
    public int Reap()
    {
        var expired = $"study_id = @study AND lease_until IS NOT NULL AND lease_until < {_now} AND state = 'running'";
        if (_connection.Read(session => session.Query($"SELECT 1 FROM trials WHERE {expired} LIMIT 1", _ => 0, ("study", _study))).Count == 0)
        {
            return 0;
        }

        return _connection.Write(session =>
        {
            Bump(session);
            var lost = session.Query(
                $"""
                UPDATE trials SET attempt = attempt + 1, lease_epoch = lease_epoch + 1, lease_until = NULL, worker_id = NULL, revision = {_revision},
                    state = CASE WHEN attempt + 1 >= @most THEN 'failed' WHEN checkpoint_step IS NULL THEN 'waiting' ELSE 'paused' END,
                    claimable = CASE WHEN attempt + 1 >= @most THEN 0 ELSE 1 END,
                    params = CASE WHEN attempt + 1 >= @most THEN COALESCE(params, '{EmptyObject}') ELSE params END,
                    ended_at = CASE WHEN attempt + 1 >= @most THEN {_now} END,
                    reason = CASE WHEN attempt + 1 >= @most THEN @reason END
                WHERE study_id = @study AND number IN (SELECT number FROM trials WHERE {expired} ORDER BY number {_skipLocked})
                RETURNING number
                """,
                reader => reader.GetInt64(0), ("study", _study), ("most", (long)Options.MaxAttempts),
                ("reason", $"Its worker was lost {Options.MaxAttempts} times: killed, out of memory, or its machine is gone."));
            foreach (var number in lost)
            {
                session.Execute(SupersedeBeyondCheckpoint, ("study", _study), ("number", number));
            }

            return lost.Count;
        });
    }

    /// <inheritdoc/>
    public void SetSpace(SearchSpace space) => _connection.Write(session =>
    {
        Bump(session);
        var version = session.Query("UPDATE studies SET space_json = @space, space_version = space_version + 1 WHERE id = @study RETURNING space_version",
            reader => reader.GetInt64(0), ("space", space.ToJson()), ("study", _study)).Single();
        StudySql.InsertDistributions(session, _study, version, space);
        return version;
    });

    /// <inheritdoc/>
    public void SetState(StudyState state, StudyBudget? budget) => _connection.Write(session =>
    {
        Bump(session);
        session.Execute("UPDATE studies SET state = @state WHERE id = @study", ("state", Name(state)), ("study", _study));
        return budget is null ? 0 : session.Execute(
            "UPDATE studies SET budget_trials = CAST(@trials AS bigint), budget_deadline = CAST(@deadline AS bigint), budget_cost = CAST(@cost AS bigint) WHERE id = @study",
            ("trials", budget.Trials), ("deadline", StudySql.Micros(budget.Deadline)), ("cost", StudySql.Micros(budget.CostUsd)), ("study", _study));
    });

    /// <inheritdoc/>
    public void Dispose()
    {
        _connection.Dispose();
        _renewal.Dispose();
        _database.Dispose();
    }

    private static string EmptyObject => "{}";

    private static T Using<T>(string place, Func<Database, T> work)
    {
        Database? database = null;
        try
        {
            database = Database.OpenAsync(place, CancellationToken.None).GetAwaiter().GetResult();
            return work(database);
        }
        catch (Exception error)
        {
            var file = database?.File ?? (place.Contains('=', StringComparison.Ordinal) || place.Contains("://", StringComparison.Ordinal) ? null : place);
            database?.Dispose();
            if (error is DbException trouble)
            {
                throw StoreConnection.Explain(trouble, file, Patience);
            }

            throw;
        }
    }

    private static (long Id, StudyOptions Options, string? Objective) ReadStudy(StoreConnection session, string name)
    {
        var found = session.Query("SELECT format, id FROM studies WHERE name = @name", reader => (Format: reader.GetInt64(0), Id: reader.GetInt64(1)), ("name", name));
        if (found.Count == 0)
        {
            var names = session.Query("SELECT name FROM studies ORDER BY name LIMIT 20", reader => reader.GetString(0));
            throw new NotFoundException($"There is no study '{name}'. " + (names.Count == 0 ? "The store has none; begin one with 'sightline tune start'." : $"The store has: {string.Join(", ", names)}."));
        }

        return found[0].Format > Format
            ? throw new DataException($"Study '{name}' is of a newer Sightline: its format is {found[0].Format}, this version reads up to {Format}. Update Sightline on this machine.")
            : session.Query("SELECT directions, sampler, pruner, seed, noisy, grid_points, lease_us, max_attempts, objective FROM studies WHERE id = @id",
                reader => (found[0].Id, StudySql.ReadOptions(reader, name), reader.IsDBNull(8) ? null : reader.GetString(8)), ("id", found[0].Id)).Single();
    }

    private bool IsLate(StoreConnection session) => session.Query(
        $"SELECT 1 FROM studies WHERE id = @study AND (state <> 'open' OR budget_deadline <= {_now} OR budget_cost <= spent)", _ => 0, ("study", _study)).Count > 0;

    private void KnowWorker(StoreConnection session, StudyWorker worker)
    {
        if (_isWorkerKnown)
        {
            session.Execute($"UPDATE workers SET seen_at = {_now} WHERE id = @id", ("id", worker.Id));
            return;
        }

        _isWorkerKnown = true;
        session.Execute(
            $"""
            INSERT INTO workers (id, study_id, host, process_id, gpu, memory, price_per_hour, started_at, seen_at)
            VALUES (@id, @study, @host, @process, @gpu, @memory, @price, {_now}, {_now}) ON CONFLICT (id) DO UPDATE SET seen_at = excluded.seen_at
            """,
            ("id", worker.Id), ("study", _study), ("host", Environment.MachineName), ("process", (long)Environment.ProcessId), ("gpu", worker.Gpu),
            ("memory", worker.MemoryBytes), ("price", StudySql.Micros(worker.PricePerHourUsd)));
    }

    /// <summary>A batch that names the study; on SQLite it counts its writes first.</summary>
    private StoreBatch Batch()
    {
        var batch = new StoreBatch();
        return _bump.Length == 0 ? batch.With(("study", _study)) : batch.Add(_bump, ("study", _study));
    }

    private void Bump(StoreConnection session)
    {
        if (_bump.Length > 0)
        {
            session.Execute(_bump, ("study", _study));
        }
    }

    /// <summary>A batch that begins with a change of a running trial, if it is still this claim's.</summary>
    private StoreBatch Fenced(Claim claim, string changes, params IEnumerable<(string Name, object? Value)> values) => Batch().Add(
        $"UPDATE trials SET {changes}, revision = {_revision} WHERE study_id = @study AND number = @number AND lease_epoch = @epoch AND state = 'running' RETURNING number",
        [("number", claim.Number), ("epoch", claim.Epoch), .. values]);

    private bool IsDone(StoreBatch batch) => _connection.Write(batch, _ => 0).Count > 0;

    private static (string Name, object? Value)[] Values(TrialReport report) =>
        [("step", report.Step), ("value", StudySql.Value(report.Value)), ("kind", StudySql.Kind(report.Value))];

    private string InsertReport =>
        $"""
        INSERT INTO intermediate (study_id, number, metric, step, value, kind, attempt, at, superseded, revision)
        SELECT study_id, number, '{Objective}', @step, CAST(@value AS double precision), @kind, attempt, {_now}, 0, {_revision} FROM trials WHERE {_touched}
        ON CONFLICT (study_id, number, metric, step) DO UPDATE SET value = excluded.value, kind = excluded.kind, attempt = excluded.attempt, at = excluded.at,
            superseded = 0, revision = excluded.revision
        """;

    private string SupersedeBeyondCheckpoint =>
        $"""
        UPDATE intermediate SET superseded = 1, revision = {_revision} WHERE study_id = @study AND number = @number AND superseded = 0
            AND step > (SELECT COALESCE(checkpoint_step, -1) FROM trials WHERE study_id = @study AND number = @number)
        """;

    private static long Micros(TimeSpan span) => span.Ticks / TimeSpan.TicksPerMicrosecond;

    private static string Name<T>(T value)
        where T : struct, Enum => JsonNamingPolicy.CamelCase.ConvertName(value.ToString());
}
