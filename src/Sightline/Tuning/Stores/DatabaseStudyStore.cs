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

    private const string RowColumns = "number, state, params, source, claimable, attempt, lease_epoch, worker_id, checkpoint_step, promoted_rung, stopped_at_rung, " +
        "reason, cost, peak_memory, created_at, started_at, ended_at, space_version";

    private const string Objective = "objective"; // The metric that is searched for; others may stand beside it.

    private readonly Database _database;
    private readonly StoreConnection _connection;
    private readonly StoreConnection _renewal;
    private readonly long _study;
    private readonly string _now;
    private readonly string _revision;
    private readonly string _position;
    private readonly string _skipLocked;
    private SearchSpace? _space;
    private long _spaceVersion = -1;
    private bool _isWorkerKnown;

    private DatabaseStudyStore(Database database, string name)
    {
        _database = database;
        (_now, _revision, _position, _skipLocked) = (StoreSql.Now(database), StoreSql.Revision(database), StoreSql.Position(database), StoreSql.SkipLocked(database));
        _connection = new StoreConnection(database, Patience);
        _renewal = new StoreConnection(database, Patience);
        (_study, Options, ObjectiveJson) = _connection.Read(session => ReadStudy(session, name));
    }

    /// <summary>How long a server that does not answer is tried again; tests shorten it.</summary>
    internal static TimeSpan Patience { get; set; } = TimeSpan.FromSeconds(60);

    /// <inheritdoc/>
    public StudyOptions Options { get; }

    /// <inheritdoc/>
    public TimeSpan? Lease => Options.Lease;

    /// <summary>What the workers run, as the command line wrote it; null for a study of a program's own.</summary>
    public string? ObjectiveJson { get; }

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

        return new DatabaseStudyStore(database, options.Name);
    });

    /// <summary>Opens a study.</summary>
    /// <exception cref="NotFoundException">There is none of this name.</exception>
    public static DatabaseStudyStore Open(string place, string name) => Using(place, database => new DatabaseStudyStore(database, name));

    /// <summary>The studies of a database, by name.</summary>
    public static IReadOnlyList<string> Names(string place) => Using(place, database =>
    {
        using (database)
        using (var connection = new StoreConnection(database, Patience))
        {
            return connection.Read(session => session.Query("SELECT name FROM studies ORDER BY created_at, name", reader => reader.GetString(0)));
        }
    });

    // number + 0: else SQLite reads all trials in the order of their key to save a sort of the few that changed.
    /// <inheritdoc/>
    public StudyChanges Changes(long since) => _connection.Read(session => session.QueryAll(
        $"""
        SELECT {_position}, {_now}, state, space_version, CASE WHEN space_version = @known THEN NULL ELSE space_json END,
            budget_trials, budget_deadline, budget_cost, spent, next_number, attached,
            (SELECT COUNT(*) FROM trials WHERE study_id = @study AND lease_until IS NOT NULL) + (SELECT COUNT(*) FROM trials WHERE study_id = @study AND claimable = 1)
            FROM studies WHERE id = @study;
        SELECT {RowColumns} FROM trials WHERE study_id = @study AND revision >= @since ORDER BY number + 0;
        SELECT number, value, kind FROM trial_values WHERE study_id = @study AND revision >= @since ORDER BY number + 0, objective;
        SELECT number, value, kind FROM trial_constraints WHERE study_id = @study AND revision >= @since ORDER BY number + 0, position;
        SELECT number, step, value, kind, superseded FROM intermediate WHERE study_id = @study AND revision >= @since AND metric = 'objective' ORDER BY number + 0, step
        """,
        ReadChanges, ("study", _study), ("known", _spaceVersion), ("since", since)));

    /// <inheritdoc/>
    public TrialRow? Claim(StudyWorker worker)
    {
        // On SQLite a look without the write lock first: the common answer is that nothing waits.
        if (!_connection.IsPostgres && _connection.Read(session => session.Query(
            "SELECT 1 FROM trials WHERE study_id = @study AND claimable = 1 LIMIT 1", _ => 0, ("study", _study))).Count == 0)
        {
            return null;
        }

        return _connection.Write(session =>
        {
            Bump(session);
            return session.Query(
                $"""
                UPDATE trials SET state = 'running', claimable = 0, lease_epoch = lease_epoch + 1, lease_until = {_now} + @lease, worker_id = @worker,
                    started_at = COALESCE(started_at, {_now}), revision = {_revision}
                WHERE study_id = @study AND number = (
                    SELECT number FROM trials WHERE study_id = @study AND claimable = 1
                        AND (predicted_memory IS NULL OR predicted_memory <= CAST(@memory AS bigint) OR CAST(@memory AS bigint) IS NULL)
                    ORDER BY priority, number LIMIT 1 {_skipLocked})
                RETURNING {RowColumns}
                """,
                ReadRow, ("study", _study), ("lease", Micros(Options.Lease)), ("worker", worker.Id), ("memory", worker.MemoryBytes)).SingleOrDefault();
        });
    }

    /// <inheritdoc/>
    public TrialRow? Promote(StudyWorker worker, Claim paused, int rung) => _connection.Write(session =>
    {
        Bump(session);
        return session.Query(
            $"""
            UPDATE trials SET state = 'running', claimable = 0, lease_epoch = lease_epoch + 1, lease_until = {_now} + @lease, worker_id = @worker,
                promoted_rung = @rung, revision = {_revision}
            WHERE study_id = @study AND number = @number AND lease_epoch = @epoch AND state = 'paused'
            RETURNING {RowColumns}
            """,
            ReadRow, ("study", _study), ("number", paused.Number), ("epoch", paused.Epoch), ("lease", Micros(Options.Lease)), ("worker", worker.Id), ("rung", rung)).SingleOrDefault();
    });

    /// <inheritdoc/>
    public TrialRow? Begin(StudyWorker worker) => _connection.Write(session =>
    {
        Bump(session);
        var numbers = session.Query(
            $"""
            UPDATE studies SET next_number = next_number + 1 WHERE id = @study AND state = 'open'
                AND (budget_trials IS NULL OR next_number - attached < budget_trials)
                AND (budget_deadline IS NULL OR budget_deadline > {_now}) AND (budget_cost IS NULL OR budget_cost > spent)
            RETURNING next_number - 1
            """,
            reader => reader.GetInt64(0), ("study", _study));
        return numbers.Count == 0 ? null : session.Query(
            $"""
            INSERT INTO trials (study_id, number, state, claimable, space_version, source, priority, attempt, worker_id, lease_epoch, lease_until, promoted_rung,
                created_at, started_at, revision)
            VALUES (@study, @number, 'running', 0, 0, 'sampler', 0, 0, @worker, 1, {_now} + @lease, -1, {_now}, {_now}, {_revision})
            RETURNING {RowColumns}
            """,
            ReadRow, ("study", _study), ("number", numbers[0]), ("worker", worker.Id), ("lease", Micros(Options.Lease))).Single();
    });

    /// <inheritdoc/>
    public bool Configure(Claim claim, Configuration configuration, bool isUnique)
    {
        try
        {
            return _connection.Write(session =>
            {
                Bump(session);
                if (Fenced(session, "params = @params, unique_key = @key, space_version = @space", claim, ("params", configuration.Key), ("key", isUnique ? configuration.Key : null), ("space", _spaceVersion)) == 0)
                {
                    throw new TrialLostException(claim.Number, $"Trial {claim.Number} was given to another worker while its configuration was being chosen.");
                }

                StudySql.InsertParameters(session, _study, claim.Number, configuration);
                return true;
            });
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
                var number = StudySql.InsertTrial(session, _now, _revision, _study, _spaceVersion, row, isUnique);
                StudySql.InsertParameters(session, _study, number, row.Configuration!); // Added trials have one.
                StudySql.InsertEnd(session, _revision, _study, number, row.Values, row.Constraints);
                foreach (var report in reports)
                {
                    InsertReport(session, number, report);
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
    public bool Report(Claim claim, TrialReport report, Verdict verdict, int promotedRung, long? stoppedAtRung, IReadOnlyList<RungRow> rungs) => _connection.Write(session =>
    {
        Bump(session);
        var end = verdict switch
        {
            Verdict.Stop => $", state = 'pruned', lease_until = NULL, ended_at = {_now}",
            Verdict.Pause => ", state = 'paused', lease_until = NULL",
            _ => "",
        };
        if (Fenced(session, "step = @step, promoted_rung = @promoted, stopped_at_rung = @stopped" + end, claim,
            ("step", report.Step), ("promoted", promotedRung), ("stopped", stoppedAtRung)) == 0)
        {
            return false;
        }

        Supersede(session, claim.Number, report.Step);
        InsertReport(session, claim.Number, report);
        foreach (var rung in rungs)
        {
            session.Execute(
                $"""
                INSERT INTO rungs (study_id, number, bracket, rung, step, value, kind, verdict, at) VALUES (@study, @number, @bracket, @rung, @step, @value, @kind, @verdict, {_now})
                ON CONFLICT (study_id, number, rung) DO UPDATE SET value = excluded.value, kind = excluded.kind, verdict = excluded.verdict, at = excluded.at
                """,
                ("study", _study), ("number", claim.Number), ("bracket", rung.Bracket), ("rung", rung.Rung), ("step", rung.Step),
                ("value", StudySql.Value(report.Value)), ("kind", StudySql.Kind(report.Value)), ("verdict", Name(rung.Verdict)));
        }

        return true;
    });

    /// <inheritdoc/>
    public bool KeepCheckpoint(Claim claim, long step) => _connection.Write(session =>
    {
        Bump(session);
        return Fenced(session, "checkpoint_step = @step", claim, ("step", step)) > 0;
    });

    /// <inheritdoc/>
    public bool Finish(Claim claim, TrialEnd end) => _connection.Write(session =>
    {
        Bump(session);
        if (Fenced(session, $"state = @state, lease_until = NULL, ended_at = {_now}, reason = @reason", claim, ("state", Name(end.State)), ("reason", end.Reason)) == 0)
        {
            return false;
        }

        StudySql.InsertEnd(session, _revision, _study, claim.Number, end.Values, end.Constraints);
        StudySql.AddCost(session, _revision, _study, claim, end.CostUsd, end.PeakMemoryBytes);
        return true;
    });

    /// <inheritdoc/>
    public void AddCost(Claim claim, decimal? costUsd, long? peakMemoryBytes) => _connection.Write(session =>
    {
        Bump(session);
        return StudySql.AddCost(session, _revision, _study, claim, costUsd, peakMemoryBytes);
    });

    /// <inheritdoc/>
    public bool Release(Claim claim) => _connection.Write(session =>
    {
        Bump(session);
        if (Fenced(session, "state = CASE WHEN checkpoint_step IS NULL THEN 'waiting' ELSE 'paused' END, claimable = 1, lease_until = NULL, worker_id = NULL", claim) == 0)
        {
            return false;
        }

        SupersedeBeyondCheckpoint(session, claim.Number);
        return true;
    });

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
                SupersedeBeyondCheckpoint(session, number);
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

    private void Bump(StoreConnection session)
    {
        if (!session.IsPostgres)
        {
            session.Execute("UPDATE studies SET revision = revision + 1 WHERE id = @study", ("study", _study));
        }
    }

    private int Fenced(StoreConnection session, string changes, Claim claim, params (string Name, object? Value)[] values) => session.Execute(
        $"UPDATE trials SET {changes}, revision = {_revision} WHERE study_id = @study AND number = @number AND lease_epoch = @epoch AND state = 'running'",
        [("study", _study), ("number", claim.Number), ("epoch", claim.Epoch), .. values]);

    private void InsertReport(StoreConnection session, long number, TrialReport report) => session.Execute(
        $"""
        INSERT INTO intermediate (study_id, number, metric, step, value, kind, attempt, at, superseded, revision)
        SELECT study_id, number, '{Objective}', @step, @value, @kind, attempt, {_now}, 0, {_revision} FROM trials WHERE study_id = @study AND number = @number
        ON CONFLICT (study_id, number, metric, step) DO UPDATE SET value = excluded.value, kind = excluded.kind, attempt = excluded.attempt, at = excluded.at,
            superseded = 0, revision = excluded.revision
        """,
        ("study", _study), ("number", number), ("step", report.Step), ("value", StudySql.Value(report.Value)), ("kind", StudySql.Kind(report.Value)));

    private void Supersede(StoreConnection session, long number, long after) => session.Execute(
        $"UPDATE intermediate SET superseded = 1, revision = {_revision} WHERE study_id = @study AND number = @number AND step > @step AND superseded = 0",
        ("study", _study), ("number", number), ("step", after));

    private void SupersedeBeyondCheckpoint(StoreConnection session, long number) => session.Execute(
        $"""
        UPDATE intermediate SET superseded = 1, revision = {_revision} WHERE study_id = @study AND number = @number AND superseded = 0
            AND step > (SELECT COALESCE(checkpoint_step, -1) FROM trials WHERE study_id = @study AND number = @number)
        """,
        ("study", _study), ("number", number));

    private StudyChanges ReadChanges(DbDataReader reader)
    {
        reader.Read();
        var position = reader.GetInt64(0);
        if (!reader.IsDBNull(4))
        {
            (_spaceVersion, _space) = (reader.GetInt64(3), SearchSpace.FromJson(reader.GetString(4)));
        }

        var status = new StudyStatus
        {
            Space = _space!, // Read with the first changes.
            SpaceVersion = (int)_spaceVersion,
            Now = StudySql.Instant(reader.GetInt64(1)),
            State = Enum.Parse<StudyState>(reader.GetString(2), ignoreCase: true),
            Budget = new StudyBudget
            {
                Trials = StudySql.Long(reader, 5),
                Deadline = StudySql.Long(reader, 6) is { } deadline ? StudySql.Instant(deadline) : null,
                CostUsd = StudySql.Long(reader, 7) / 1_000_000m,
            },
            SpentUsd = reader.GetInt64(8) / 1_000_000m,
            NextNumber = (int)reader.GetInt64(9),
            Attached = (int)reader.GetInt64(10),
            Unfinished = (int)reader.GetInt64(11),
        };
        reader.NextResult();
        var rows = new List<TrialRow>();
        while (reader.Read())
        {
            rows.Add(ReadRow(reader));
        }

        reader.NextResult();
        var values = StudySql.ReadNumbers(reader);
        reader.NextResult();
        var constraints = StudySql.ReadNumbers(reader);
        reader.NextResult();
        var reports = new List<ReportRow>();
        while (reader.Read())
        {
            reports.Add(new ReportRow((int)reader.GetInt64(0), new TrialReport(reader.GetInt64(1), StudySql.Number(reader, 2)), reader.GetInt64(4) == 1));
        }

        for (var i = 0; i < rows.Count; i++)
        {
            if (rows[i].State is TrialState.Complete)
            {
                rows[i] = rows[i] with { Values = values.GetValueOrDefault(rows[i].Number) ?? [], Constraints = constraints.GetValueOrDefault(rows[i].Number) ?? [] };
            }
        }

        return new StudyChanges(position, status, rows, reports);
    }

    private static TrialRow ReadRow(DbDataReader reader) => new()
    {
        Number = (int)reader.GetInt64(0),
        State = Enum.Parse<TrialState>(reader.GetString(1), ignoreCase: true),
        Configuration = reader.IsDBNull(2) ? null : Configuration.FromKey(reader.GetString(2)),
        Source = Enum.Parse<TrialSource>(reader.GetString(3), ignoreCase: true),
        IsClaimable = reader.GetInt64(4) == 1,
        Attempt = (int)reader.GetInt64(5),
        Epoch = reader.GetInt64(6),
        Worker = reader.IsDBNull(7) ? null : reader.GetString(7),
        CheckpointStep = StudySql.Long(reader, 8),
        PromotedRung = (int)reader.GetInt64(9),
        StoppedAtRung = StudySql.Long(reader, 10),
        Reason = reader.IsDBNull(11) ? null : reader.GetString(11),
        CostUsd = StudySql.Long(reader, 12) / 1_000_000m,
        PeakMemoryBytes = StudySql.Long(reader, 13),
        CreatedAt = StudySql.Instant(reader.GetInt64(14)),
        StartedAt = StudySql.Long(reader, 15) is { } started ? StudySql.Instant(started) : null,
        EndedAt = StudySql.Long(reader, 16) is { } ended ? StudySql.Instant(ended) : null,
    };

    private static long Micros(TimeSpan span) => span.Ticks / TimeSpan.TicksPerMicrosecond;

    private static string Name<T>(T value)
        where T : struct, Enum => JsonNamingPolicy.CamelCase.ConvertName(value.ToString());
}
