namespace Sightline.Tuning;

/// <summary>A value on the way: what the objective was at a step.</summary>
/// <param name="Step">How far the trial was, in the study's unit (epochs, images seen, folds); at least 0.</param>
/// <param name="Value">The objective there; may be NaN.</param>
public readonly record struct TrialReport(long Step, double Value);

/// <summary>One configuration and what became of it. Its study changes it; read it from the thread that works on it.</summary>
public sealed class Trial
{
    private readonly List<TrialReport> _reports = [];

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
    public IReadOnlyList<double> Values { get; internal set; } = [];

    /// <summary>How far each constraint is violated: at most 0 where it is met. Empty where none were told.</summary>
    public IReadOnlyList<double> Constraints { get; internal set; } = [];

    /// <summary>The reports so far, in the order of their steps.</summary>
    public IReadOnlyList<TrialReport> Reports => _reports;

    /// <summary>Why it failed or is infeasible; null otherwise.</summary>
    public string? Reason { get; internal set; }

    /// <summary>Whether its configuration was given and not proposed by the sampler.</summary>
    public bool IsEnqueued { get; internal set; }

    /// <summary>The highest rung that promotion let it pass; -1 for none.</summary>
    internal int PromotedRung { get; set; } = -1;

    /// <summary>The step of the rung that stopped it; null where none did. At rungs above it was never compared, however far its report was.</summary>
    internal long? StoppedAtRung { get; set; }

    /// <summary>The last step reported; null before the first report.</summary>
    internal long? LastStep => _reports.Count > 0 ? _reports[^1].Step : null;

    /// <summary>Whether it is over.</summary>
    internal bool IsFinished => State is TrialState.Complete or TrialState.Pruned or TrialState.Failed or TrialState.Infeasible;

    /// <summary>The sum of what its constraints are violated by; 0 where all are met.</summary>
    internal double Violation => State == TrialState.Infeasible ? double.PositiveInfinity : Constraints.Sum(value => Math.Max(0, value));

    /// <summary>Adds a report. A step reported before is replaced, as after going on from a checkpoint.</summary>
    internal void Add(TrialReport report)
    {
        while (_reports.Count > 0 && _reports[^1].Step >= report.Step)
        {
            _reports.RemoveAt(_reports.Count - 1);
        }

        _reports.Add(report);
    }
}
