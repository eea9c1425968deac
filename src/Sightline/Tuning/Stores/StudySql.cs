using System.Data.Common;
using System.Text.Json;

namespace Sightline.Tuning;

/// <summary>Statements of a study's store that need nothing of its state, and how values are written.</summary>
internal static class StudySql
{
    /// <summary>Adds a study.</summary>
    public static long Insert(StoreConnection session, string now, SearchSpace space, StudyOptions options, StudyBudget budget, string? objective)
    {
        var id = session.Query(
            $"""
            INSERT INTO studies (id, name, format, directions, space_json, space_version, sampler, pruner, seed, noisy, grid_points, lease_us, max_attempts, objective,
                budget_trials, budget_deadline, budget_cost, spent, next_number, attached, state, created_at, revision)
            SELECT COALESCE(MAX(id), 0) + 1, @name, @format, @directions, @space, 1, @sampler, @pruner, @seed, @noisy, @points, @lease, @attempts, @objective,
                CAST(@trials AS bigint), CAST(@deadline AS bigint), CAST(@cost AS bigint), 0, 0, 0, 'open', {now}, 0 FROM studies
            RETURNING id
            """,
            reader => reader.GetInt64(0),
            ("name", options.Name), ("format", (long)DatabaseStudyStore.Format), ("directions", JsonSerializer.Serialize(options.Directions, SightlineJson.Line)),
            ("space", space.ToJson()), ("sampler", options.Sampler), ("pruner", JsonSerializer.Serialize(options.Pruner, SightlineJson.Line)), ("seed", options.Seed),
            ("noisy", options.Noisy ? 1L : 0L), ("points", (long)options.GridPoints), ("lease", options.Lease.Ticks / TimeSpan.TicksPerMicrosecond),
            ("attempts", (long)options.MaxAttempts), ("objective", objective), ("trials", budget.Trials), ("deadline", Micros(budget.Deadline)), ("cost", Micros(budget.CostUsd))).Single();
        InsertDistributions(session, id, 1, space);
        return id;
    }

    /// <summary>Reads what <see cref="Insert"/> wrote of the options.</summary>
    public static StudyOptions ReadOptions(DbDataReader reader, string name)
    {
        try
        {
            return new StudyOptions
            {
                Name = name,
                Directions = JsonSerializer.Deserialize<List<Direction>>(reader.GetString(0), SightlineJson.Line)!, // Written by us.
                Sampler = reader.GetString(1),
                Pruner = JsonSerializer.Deserialize<PrunerOptions>(reader.GetString(2), SightlineJson.Line)!, // Written by us.
                Seed = reader.GetInt64(3),
                Noisy = reader.GetInt64(4) == 1,
                GridPoints = (int)reader.GetInt64(5),
                Lease = TimeSpan.FromMicroseconds(reader.GetInt64(6)),
                MaxAttempts = (int)reader.GetInt64(7),
            };
        }
        catch (JsonException error)
        {
            throw new DataException($"Study '{name}' is of another version of Sightline: {error.Message} Use the same version on all machines.", error);
        }
    }

    /// <summary>Adds a version of the space.</summary>
    public static void InsertDistributions(StoreConnection session, long study, long version, SearchSpace space)
    {
        foreach (var parameter in space.Parameters)
        {
            session.Execute("INSERT INTO distributions (study_id, space_version, name, distribution) VALUES (@study, @version, @name, @distribution)",
                ("study", study), ("version", version), ("name", parameter.Name), ("distribution", JsonSerializer.Serialize(parameter, SightlineJson.Line)));
        }
    }

    /// <summary>Adds a trial that waits or is complete.</summary>
    /// <returns>Its number.</returns>
    public static long InsertTrial(StoreConnection session, string now, string revision, long study, long space, TrialRow row, bool isUnique)
    {
        var isAttached = row.Source == TrialSource.Attached;
        var number = session.Query("UPDATE studies SET next_number = next_number + 1, attached = attached + @attached WHERE id = @study RETURNING next_number - 1",
            reader => reader.GetInt64(0), ("attached", isAttached ? 1L : 0L), ("study", study)).Single();
        session.Execute(
            $"""
            INSERT INTO trials (study_id, number, state, claimable, params, unique_key, space_version, source, priority, attempt, lease_epoch, promoted_rung, reason, predicted_memory,
                created_at, ended_at, revision)
            VALUES (@study, @number, @state, @claimable, @params, @key, @space, @source, 1, 0, 0, -1, @reason, CAST(@predicted AS bigint), {now}, {(isAttached ? now : "NULL")}, {revision})
            """,
            ("study", study), ("number", number), ("state", row.State.ToString().ToLowerInvariant()), ("claimable", row.IsClaimable ? 1L : 0L),
            ("params", row.Configuration?.Key), ("key", isUnique ? row.Configuration?.Key : null), ("space", space), ("source", row.Source.ToString().ToLowerInvariant()), ("reason", row.Reason),
            ("predicted", row.PredictedMemoryBytes));
        return number;
    }

    /// <summary>Writes a trial's parameters, one row each; those of an earlier configuration are replaced.</summary>
    /// <param name="batch">Where to add it, after the statement that has touched the trial; <c>@study</c> and <c>@number</c> are among its values.</param>
    /// <param name="touched">The condition that a row of trials was changed by this batch.</param>
    /// <param name="configuration">The parameters.</param>
    public static void AddParameters(StoreBatch batch, string touched, Configuration configuration) => batch.AddRows(
        $$"""
        INSERT INTO trial_params (study_id, number, name, value, choice) SELECT study_id, number, column1, column2, column3 FROM trials, {rows} WHERE {{touched}}
        ON CONFLICT (study_id, number, name) DO UPDATE SET value = excluded.value, choice = excluded.choice
        """,
        [("p", "text"), ("v", "double precision"), ("c", "text")],
        [.. configuration.Values.Select(pair => new object?[] { pair.Key, pair.Value.Choice is null ? pair.Value.Number : null, pair.Value.Choice })]);

    /// <summary>Writes a trial's values and constraints.</summary>
    /// <param name="batch">As in <see cref="AddParameters"/>.</param>
    /// <param name="touched">As there.</param>
    /// <param name="revision">The revision of the transaction.</param>
    /// <param name="values">One per objective.</param>
    /// <param name="constraints">One per constraint.</param>
    public static void AddEnd(StoreBatch batch, string touched, string revision, IReadOnlyList<double> values, IReadOnlyList<double> constraints)
    {
        batch.AddRows(
            $$"""
            INSERT INTO trial_values (study_id, number, objective, value, kind, revision) SELECT study_id, number, column1, column2, column3, {{revision}} FROM trials, {rows} WHERE {{touched}}
            """,
            [("o", "bigint"), ("ov", "double precision"), ("ok", "text")], Rows(values));
        batch.AddRows(
            $$"""
            INSERT INTO trial_constraints (study_id, number, position, value, kind, revision) SELECT study_id, number, column1, column2, column3, {{revision}} FROM trials, {rows} WHERE {{touched}}
            """,
            [("d", "bigint"), ("dv", "double precision"), ("dk", "text")], Rows(constraints));

        static object?[][] Rows(IReadOnlyList<double> numbers) => [.. numbers.Select((number, i) => new object?[] { (long)i, Value(number), Kind(number) })];
    }

    /// <summary>What a trial's cost and peak become: <c>@cost</c> is added, <c>@peak</c> replaces; null leaves them.</summary>
    public const string Costs = "cost = CASE WHEN CAST(@cost AS bigint) IS NULL THEN cost ELSE COALESCE(cost, 0) + CAST(@cost AS bigint) END, " +
        "peak_memory = COALESCE(CAST(@peak AS bigint), peak_memory)";

    /// <summary>Adds a trial's cost to the study's.</summary>
    /// <param name="batch">As in <see cref="AddParameters"/>, with <c>@cost</c>.</param>
    /// <param name="touched">As there.</param>
    /// <param name="costUsd">Null or 0 for nothing.</param>
    public static void AddSpent(StoreBatch batch, string touched, decimal? costUsd)
    {
        if (costUsd is not (null or 0))
        {
            batch.Add($"UPDATE studies SET spent = spent + CAST(@cost AS bigint) WHERE id = @study AND EXISTS (SELECT 1 FROM trials WHERE {touched})");
        }
    }

    /// <summary>Reads rows of number, value, kind into lists by number.</summary>
    public static Dictionary<int, List<double>> ReadNumbers(DbDataReader reader)
    {
        var all = new Dictionary<int, List<double>>();
        while (reader.Read())
        {
            var number = (int)reader.GetInt64(0);
            if (!all.TryGetValue(number, out var list))
            {
                all[number] = list = [];
            }

            list.Add(Number(reader, 1));
        }

        return all;
    }

    /// <summary>A number in two columns, from <paramref name="column"/> on.</summary>
    public static double Number(DbDataReader reader, int column) => reader.GetString(column + 1) switch
    {
        "inf" => double.PositiveInfinity,
        "-inf" => double.NegativeInfinity,
        "nan" => double.NaN,
        _ => reader.GetDouble(column),
    };

    /// <summary>The column value of a number.</summary>
    public static object? Value(double number) => double.IsFinite(number) ? number : null;

    /// <summary>The column kind of a number.</summary>
    public static string Kind(double number) => double.IsFinite(number) ? "finite" : double.IsNaN(number) ? "nan" : number > 0 ? "inf" : "-inf";

    /// <summary>A whole number that may be null.</summary>
    public static long? Long(DbDataReader reader, int column) => reader.IsDBNull(column) ? null : reader.GetInt64(column);

    /// <summary>An instant as the store writes it.</summary>
    public static long? Micros(DateTimeOffset? instant) => instant is { } at ? (at.UtcTicks - DateTimeOffset.UnixEpoch.UtcTicks) / TimeSpan.TicksPerMicrosecond : null;

    /// <summary>Money as the store writes it; a part of a millionth of a dollar counts as a whole one.</summary>
    public static long? Micros(decimal? usd) => usd is { } amount ? (long)Math.Ceiling(amount * 1_000_000m) : null;

    /// <summary>Reads an instant.</summary>
    public static DateTimeOffset Instant(long micros) => DateTimeOffset.UnixEpoch.AddTicks(micros * TimeSpan.TicksPerMicrosecond);
}
