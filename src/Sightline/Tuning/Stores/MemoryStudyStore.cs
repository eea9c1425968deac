namespace Sightline.Tuning;

/// <summary>A study in memory. Its workers are threads of this process and cannot be lost alone, so there are no leases; the rest is as in a database.</summary>
internal sealed class MemoryStudyStore(SearchSpace space, StudyOptions options, TimeProvider clock) : IStudyStore
{
    private readonly SortedDictionary<int, TrialRow> _rows = [];
    private readonly HashSet<string> _unique = new(StringComparer.Ordinal);
    private readonly Queue<int> _waiting = new();

    // What happened, in order; a position is an index into it. Rows are read as they are now.
    private readonly List<(int Number, ReportRow? Report)> _log = [];
    private readonly Dictionary<int, List<TrialReport>> _reports = [];
    private int _unfinished;
    private StudyStatus _status = new() { Space = space };

    /// <inheritdoc/>
    public StudyOptions Options => options;

    /// <inheritdoc/>
    public TimeSpan? Lease => null;

    /// <inheritdoc/>
    public StudyChanges Changes(long since)
    {
        var trials = new SortedDictionary<int, TrialRow>();
        var reports = new List<ReportRow>();
        for (var i = (int)since; i < _log.Count; i++)
        {
            if (_log[i].Report is { } report)
            {
                reports.Add(report);
            }
            else if (_rows.TryGetValue(_log[i].Number, out var row))
            {
                trials[row.Number] = row;
            }
        }

        return new StudyChanges(_log.Count, _status with { Now = clock.GetUtcNow(), Unfinished = _unfinished, Claimable = _waiting.Count }, [.. trials.Values], reports);
    }

    /// <inheritdoc/>
    public TrialRow? Claim(StudyWorker worker)
    {
        while (_waiting.TryDequeue(out var number))
        {
            if (_rows[number].IsClaimable)
            {
                return Take(_rows[number], worker);
            }
        }

        return null;
    }

    /// <inheritdoc/>
    public TrialRow? Promote(StudyWorker worker, Claim paused, int rung) =>
        _rows.TryGetValue(paused.Number, out var row) && row.State == TrialState.Paused && row.Epoch == paused.Epoch
            ? Take(row with { PromotedRung = rung }, worker) : null;

    /// <inheritdoc/>
    public TrialRow? Begin(StudyWorker worker) => (_status with { Now = clock.GetUtcNow() }).Closed is not null ? null
        : Take(new TrialRow { Number = Next(), State = TrialState.Waiting, CreatedAt = clock.GetUtcNow() }, worker);

    /// <inheritdoc/>
    public bool Configure(Claim claim, Configuration configuration, long? predictedMemoryBytes, bool isUnique)
    {
        var row = Held(claim) ?? throw new TrialLostException(claim.Number, $"Trial {claim.Number} is no longer yours.");
        if (row.Configuration?.Key != configuration.Key && !_unique.Add(configuration.Key) && isUnique)
        {
            return false;
        }

        Put(row with { Configuration = configuration, PredictedMemoryBytes = predictedMemoryBytes });
        return true;
    }

    /// <inheritdoc/>
    public void Withdraw(Claim claim)
    {
        _rows.Remove(claim.Number);
        _unfinished--;
        _status = _status with { NextNumber = _rows.Count == 0 ? 0 : _rows.Keys.Last() + 1 };
    }

    /// <inheritdoc/>
    public int? Add(TrialRow row, IReadOnlyList<TrialReport> reports, bool isUnique)
    {
        if (row.Configuration is { } configuration && !_unique.Add(configuration.Key) && isUnique)
        {
            return null;
        }

        var now = clock.GetUtcNow();
        row = row with { Number = Next(), CreatedAt = now, EndedAt = row.State == TrialState.Waiting ? null : now };
        Put(row);
        foreach (var report in reports)
        {
            Keep(row.Number, report);
        }

        if (row.IsClaimable)
        {
            _waiting.Enqueue(row.Number);
        }

        if (row.Source == TrialSource.Attached)
        {
            _status = _status with { Attached = _status.Attached + 1 };
        }

        return row.Number;
    }

    /// <inheritdoc/>
    public bool Report(Claim claim, TrialReport report, Verdict verdict, int promotedRung, long? stoppedAtRung, IReadOnlyList<RungRow> rungs)
    {
        if (Held(claim) is not { } row)
        {
            return false;
        }

        Supersede(claim.Number, report.Step - 1);
        Keep(claim.Number, report);
        row = row with { PromotedRung = promotedRung, StoppedAtRung = stoppedAtRung };
        if (verdict != Verdict.Continue || row != _rows[claim.Number])
        {
            Put(row with
            {
                State = verdict switch { Verdict.Stop => TrialState.Pruned, Verdict.Pause => TrialState.Paused, _ => row.State },
                EndedAt = verdict == Verdict.Stop ? clock.GetUtcNow() : null,
            });
        }

        return true;
    }

    /// <inheritdoc/>
    public bool KeepCheckpoint(Claim claim, long step) => Change(claim, row => row with { CheckpointStep = step });

    /// <inheritdoc/>
    public bool Finish(Claim claim, TrialEnd end) => Change(claim, row => row with
    {
        State = end.State,
        Values = end.Values,
        Constraints = end.Constraints,
        Reason = end.Reason,
        EndedAt = clock.GetUtcNow(),
    }) && Cost(claim.Number, end.CostUsd, end.PeakMemoryBytes);

    /// <inheritdoc/>
    public void AddCost(Claim claim, decimal? costUsd, long? peakMemoryBytes)
    {
        if (_rows.TryGetValue(claim.Number, out var row) && row.Epoch == claim.Epoch)
        {
            Cost(claim.Number, costUsd, peakMemoryBytes);
        }
    }

    /// <inheritdoc/>
    public bool Release(Claim claim)
    {
        if (!Change(claim, row => row with { State = row.CheckpointStep is null ? TrialState.Waiting : TrialState.Paused, IsClaimable = true, Worker = null }))
        {
            return false;
        }

        Supersede(claim.Number, _rows[claim.Number].CheckpointStep ?? -1);
        _waiting.Enqueue(claim.Number);
        return true;
    }

    /// <inheritdoc/>
    public (IReadOnlyList<Claim> Lost, bool IsLate) Renew(StudyWorker worker, IReadOnlyList<Claim> claims) => ([], false);

    /// <inheritdoc/>
    public int Reap() => 0;

    /// <inheritdoc/>
    public void SetSpace(SearchSpace space) => _status = _status with { Space = space, SpaceVersion = _status.SpaceVersion + 1 };

    /// <inheritdoc/>
    public void SetState(StudyState state, StudyBudget? budget) => _status = _status with { State = state, Budget = budget ?? _status.Budget };

    /// <inheritdoc/>
    public void Dispose()
    {
        // There is nothing but memory.
    }

    private int Next()
    {
        var number = _status.NextNumber;
        _status = _status with { NextNumber = number + 1 };
        return number;
    }

    private TrialRow Take(TrialRow row, StudyWorker worker)
    {
        row = row with { State = TrialState.Running, IsClaimable = false, Epoch = row.Epoch + 1, Worker = worker.Id, StartedAt = row.StartedAt ?? clock.GetUtcNow() };
        Put(row);
        return row;
    }

    private TrialRow? Held(Claim claim) =>
        _rows.TryGetValue(claim.Number, out var row) && row.State == TrialState.Running && row.Epoch == claim.Epoch ? row : null;

    private bool Change(Claim claim, Func<TrialRow, TrialRow> change)
    {
        if (Held(claim) is not { } row)
        {
            return false;
        }

        Put(change(row));
        return true;
    }

    private bool Cost(int number, decimal? costUsd, long? peakMemoryBytes)
    {
        var row = _rows[number];
        if (costUsd is not null || peakMemoryBytes is not null)
        {
            Put(row with { CostUsd = costUsd is null ? row.CostUsd : (row.CostUsd ?? 0) + costUsd, PeakMemoryBytes = peakMemoryBytes ?? row.PeakMemoryBytes });
            _status = _status with { SpentUsd = _status.SpentUsd + (costUsd ?? 0) };
        }

        return true;
    }

    private void Put(TrialRow row)
    {
        _unfinished += Count(row) - (_rows.TryGetValue(row.Number, out var before) ? Count(before) : 0);
        _rows[row.Number] = row;
        _log.Add((row.Number, null));
    }

    private static int Count(TrialRow row) => row.State == TrialState.Running || row.IsClaimable ? 1 : 0;

    private void Keep(int number, TrialReport report)
    {
        if (!_reports.TryGetValue(number, out var reports))
        {
            _reports[number] = reports = [];
        }

        reports.Add(report);
        _log.Add((number, new ReportRow(number, report, IsSuperseded: false)));
    }

    private void Supersede(int number, long after)
    {
        var reports = _reports.GetValueOrDefault(number);
        while (reports is [.., var last] && last.Step > after)
        {
            reports.RemoveAt(reports.Count - 1);
            _log.Add((number, new ReportRow(number, last, IsSuperseded: true)));
        }
    }
}
