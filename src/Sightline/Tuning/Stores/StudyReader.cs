using System.Data.Common;

namespace Sightline.Tuning;

/// <summary>Reads what has changed in a study. It keeps the space as last read, which is sent again only when it changed.</summary>
internal sealed class StudyReader(string now, string position)
{
    /// <summary>The columns that <see cref="Row"/> reads.</summary>
    public const string RowColumns = "number, state, params, source, claimable, attempt, lease_epoch, worker_id, checkpoint_step, promoted_rung, stopped_at_rung, " +
        "reason, cost, peak_memory, predicted_memory, created_at, started_at, ended_at, space_version";

    private SearchSpace? _space;

    /// <summary>The version of the space as last read; -1 before.</summary>
    public long SpaceVersion { get; private set; } = -1;

    // number + 0: else SQLite reads all trials in the order of their key to save a sort of the few that changed.
    /// <summary>The statements of <see cref="Read"/>; they take <c>@study</c>, <c>@known</c> (the version of the space) and <c>@since</c>.</summary>
    public string Sql { get; } =
        $"""
        SELECT {position}, {now}, state, space_version, CASE WHEN space_version = @known THEN NULL ELSE space_json END,
            budget_trials, budget_deadline, budget_cost, spent, next_number, attached,
            (SELECT COUNT(*) FROM (SELECT 1 FROM trials WHERE study_id = @study AND lease_until IS NOT NULL LIMIT {StudyStatus.MostCounted}) AS leased),
            (SELECT COUNT(*) FROM (SELECT 1 FROM trials WHERE study_id = @study AND claimable = 1 LIMIT {StudyStatus.MostCounted}) AS waiting)
            FROM studies WHERE id = @study;
        SELECT {RowColumns} FROM trials WHERE study_id = @study AND revision >= @since ORDER BY number + 0;
        SELECT number, value, kind FROM trial_values WHERE study_id = @study AND revision >= @since ORDER BY number + 0, objective;
        SELECT number, value, kind FROM trial_constraints WHERE study_id = @study AND revision >= @since ORDER BY number + 0, position;
        SELECT number, step, value, kind, superseded FROM intermediate WHERE study_id = @study AND revision >= @since AND metric = 'objective' ORDER BY number + 0, step
        """;

    /// <summary>Reads the answers.</summary>
    public StudyChanges Read(DbDataReader reader)
    {
        reader.Read();
        var position = reader.GetInt64(0);
        if (!reader.IsDBNull(4))
        {
            (SpaceVersion, _space) = (reader.GetInt64(3), SearchSpace.FromJson(reader.GetString(4)));
        }

        var status = new StudyStatus
        {
            Space = _space!, // Read with the first changes.
            SpaceVersion = (int)SpaceVersion,
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
            Unfinished = (int)(reader.GetInt64(11) + reader.GetInt64(12)),
            Claimable = (int)reader.GetInt64(12),
        };
        reader.NextResult();
        var rows = new List<TrialRow>();
        while (reader.Read())
        {
            rows.Add(Row(reader));
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

    /// <summary>Reads a row of <see cref="RowColumns"/>.</summary>
    public static TrialRow Row(DbDataReader reader) => new()
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
        PredictedMemoryBytes = StudySql.Long(reader, 14),
        CreatedAt = StudySql.Instant(reader.GetInt64(15)),
        StartedAt = StudySql.Long(reader, 16) is { } started ? StudySql.Instant(started) : null,
        EndedAt = StudySql.Long(reader, 17) is { } ended ? StudySql.Instant(ended) : null,
    };
}
