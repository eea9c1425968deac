namespace Sightline.Tuning;

/// <summary>A value on the way: what the objective was at a step.</summary>
/// <param name="Step">How far the trial was, in the study's unit (epochs, images seen, folds); at least 0.</param>
/// <param name="Value">The objective there; may be NaN.</param>
public readonly record struct TrialReport(long Step, double Value);

/// <summary>One configuration and what became of it. Its study changes it; read it from the thread that works on it.</summary>
public sealed class Trial
{
    // Replaced, never changed: other threads may be reading it.
    private TrialReport[] _reports = [];

    internal Trial(int number, Configuration configuration, TrialState state = TrialState.Running)
    {
        Number = number;
        Configuration = configuration;
        State = state;
    }

    /// <summary>Its number in the study, from 0.</summary>
    public int Number { get; }

    /// <summary>The values to use; complete from the moment the trial runs.</summary>
    public Configuration Configuration { get; internal set; }

    /// <summary>Where it stands.</summary>
    public TrialState State { get; internal set; }

    /// <summary>One value per objective; empty unless it is complete.</summary>
    public IReadOnlyList<double> Values
    {
        get;
        internal set
        {
            field = value;
            FirstValue = value.Count > 0 ? value[0] : double.NaN;
        }
    } = [];

    /// <summary>How far each constraint is violated: at most 0 where it is met. Empty where none were told.</summary>
    public IReadOnlyList<double> Constraints { get; internal set; } = [];

    /// <summary>The reports so far, in the order of their steps.</summary>
    public IReadOnlyList<TrialReport> Reports => _reports;

    /// <summary>Why it failed or is infeasible; null otherwise.</summary>
    public string? Reason { get; internal set; }

    /// <summary>Whether its configuration was given and not proposed by the sampler.</summary>
    public bool IsEnqueued { get; internal set; }

    /// <summary>How often its worker was lost and it was begun anew.</summary>
    public int Attempt { get; internal set; }

    /// <summary>When it was first begun; null while it waits.</summary>
    public DateTimeOffset? StartedAt { get; internal set; }

    /// <summary>When it ended; null before.</summary>
    public DateTimeOffset? EndedAt { get; internal set; }

    /// <summary>What it has cost, US dollars; null where nobody told.</summary>
    public decimal? CostUsd { get; internal set; }

    /// <summary>The most memory it used on its device, bytes; null where nobody told.</summary>
    public long? PeakMemoryBytes { get; internal set; }

    /// <summary>What it needs on its device by the memory plan, bytes; null where there is no plan.</summary>
    public long? PredictedMemoryBytes { get; internal set; }

    /// <summary>The first of its values; NaN where there is none. At hand for passes over a long study.</summary>
    internal double FirstValue { get; private set; } = double.NaN;

    /// <summary>The step of its last checkpoint; null for none.</summary>
    internal long? CheckpointStep { get; set; }

    /// <summary>Who works on it.</summary>
    internal string? Worker { get; set; }

    /// <summary>The fencing token of its store.</summary>
    internal long Epoch { get; set; }

    /// <summary>The highest rung that promotion let it pass; -1 for none.</summary>
    internal int PromotedRung { get; set; } = -1;

    /// <summary>The step of the rung that stopped it; null where none did. At rungs above it was never compared, however far its report was.</summary>
    internal long? StoppedAtRung { get; set; }

    /// <summary>The last step reported; null before the first report.</summary>
    internal long? LastStep => _reports.Length > 0 ? _reports[^1].Step : null;

    /// <summary>Whether it is over.</summary>
    internal bool IsFinished => State is TrialState.Complete or TrialState.Pruned or TrialState.Failed or TrialState.Infeasible;

    /// <summary>The sum of what its constraints are violated by; 0 where all are met.</summary>
    internal double Violation => State == TrialState.Infeasible ? double.PositiveInfinity : Constraints.Count == 0 ? 0 : Constraints.Sum(value => Math.Max(0, value));

    /// <summary>Adds a report. A step reported before is replaced, with all after it, as after going on from a checkpoint.</summary>
    internal void Add(TrialReport report)
    {
        var kept = _reports.Length;
        while (kept > 0 && _reports[kept - 1].Step >= report.Step)
        {
            kept--;
        }

        _reports = [.. _reports.AsSpan(0, kept), report];
    }

    /// <summary>Takes over reports from the store, each at its own step; some may be known.</summary>
    internal void Merge(IReadOnlyList<ReportRow> rows)
    {
        if (rows is [{ IsSuperseded: false } only] && (_reports.Length == 0 || _reports[^1].Step <= only.Report.Step))
        {
            Add(only.Report); // What mostly comes: one more.
            return;
        }

        var reports = new SortedDictionary<long, TrialReport>(_reports.ToDictionary(report => report.Step));
        foreach (var row in rows)
        {
            if (row.IsSuperseded)
            {
                reports.Remove(row.Report.Step);
            }
            else
            {
                reports[row.Report.Step] = row.Report;
            }
        }

        _reports = [.. reports.Values];
    }

    /// <summary>Takes over a row of the store.</summary>
    internal void Apply(TrialRow row)
    {
        Configuration = row.Configuration ?? Configuration;
        (State, Values, Constraints, Reason) = (row.State, row.Values, row.Constraints, row.Reason);
        (IsEnqueued, Attempt, Epoch, Worker) = (row.Source != TrialSource.Sampler, row.Attempt, row.Epoch, row.Worker);
        (StartedAt, EndedAt, CostUsd, PeakMemoryBytes) = (row.StartedAt, row.EndedAt, row.CostUsd, row.PeakMemoryBytes);
        PredictedMemoryBytes = row.PredictedMemoryBytes;
        (CheckpointStep, PromotedRung, StoppedAtRung) = (row.CheckpointStep, row.PromotedRung, row.StoppedAtRung);
    }

    /// <summary>Forgets the reports, before all are read again.</summary>
    internal void Clear() => _reports = [];
}
