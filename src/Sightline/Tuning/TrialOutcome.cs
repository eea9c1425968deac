namespace Sightline.Tuning;

/// <summary>How a trial ended, as its objective tells it.</summary>
public sealed record TrialOutcome
{
    private TrialOutcome(TrialState state) => State = state;

    /// <summary><see cref="TrialState.Complete"/>, <see cref="TrialState.Failed"/>, <see cref="TrialState.Infeasible"/>, or
    /// <see cref="TrialState.Pruned"/> where the objective ended because a verdict told it to.</summary>
    public TrialState State { get; }

    /// <summary>One value per objective; empty unless complete.</summary>
    public IReadOnlyList<double> Values { get; private init; } = [];

    /// <summary>How far each constraint is violated: at most 0 where it is met. Empty by default.</summary>
    public IReadOnlyList<double> Constraints { get; init; } = [];

    /// <summary>Why it failed or is infeasible; null otherwise.</summary>
    public string? Reason { get; private init; }

    /// <summary>What the trial cost, US dollars; null, the default, where it is not known.</summary>
    public decimal? CostUsd { get; init; }

    /// <summary>The most memory it used on its device, bytes; null, the default, where it is not known.</summary>
    public long? PeakMemoryBytes { get; init; }

    /// <summary>It was ended after <see cref="Verdict.Stop"/> or <see cref="Verdict.Pause"/>; the study knows which.</summary>
    public static TrialOutcome Stopped { get; } = new(TrialState.Pruned);

    /// <summary>It ended with a value for each objective; with NaN or infinity it is failed.</summary>
    public static TrialOutcome Complete(params IReadOnlyList<double> values) => new(TrialState.Complete) { Values = [.. values] };

    /// <summary>The objective failed; the configuration is not proposed again.</summary>
    public static TrialOutcome Failed(string reason) => new(TrialState.Failed) { Reason = reason };

    /// <summary>It cannot be run, for example for lack of memory; the configuration is not proposed again and the samplers learn from it.</summary>
    public static TrialOutcome Infeasible(string reason) => new(TrialState.Infeasible) { Reason = reason };
}
