namespace Sightline.Tuning;

/// <summary>A trial as a store keeps it, without its reports.</summary>
internal sealed record TrialRow
{
    public required int Number { get; init; }

    public required TrialState State { get; init; }

    /// <summary>The values; null while a sampler is still choosing them.</summary>
    public Configuration? Configuration { get; init; }

    /// <summary>Where the configuration came from.</summary>
    public TrialSource Source { get; init; }

    /// <summary>Whether anyone may take it: it waits, or its worker was lost or stopped.</summary>
    public bool IsClaimable { get; init; }

    /// <summary>How often its worker was lost.</summary>
    public int Attempt { get; init; }

    /// <summary>The fencing token: a write with another one is refused.</summary>
    public long Epoch { get; init; }

    public string? Worker { get; init; }

    public long? CheckpointStep { get; init; }

    public int PromotedRung { get; init; } = -1;

    public long? StoppedAtRung { get; init; }

    public IReadOnlyList<double> Values { get; init; } = [];

    public IReadOnlyList<double> Constraints { get; init; } = [];

    public string? Reason { get; init; }

    public decimal? CostUsd { get; init; }

    public long? PeakMemoryBytes { get; init; }

    /// <summary>What the memory plan said before it ran.</summary>
    public long? PredictedMemoryBytes { get; init; }

    public DateTimeOffset CreatedAt { get; init; }

    public DateTimeOffset? StartedAt { get; init; }

    public DateTimeOffset? EndedAt { get; init; }
}

/// <summary>Where a trial's configuration came from.</summary>
internal enum TrialSource
{
    Sampler,
    Enqueued,
    Attached,
}

/// <summary>The right to write to a trial: its number and the epoch it was given with.</summary>
internal readonly record struct Claim(int Number, long Epoch);

/// <summary>A report of a trial.</summary>
/// <param name="Number">The trial's number.</param>
/// <param name="Report">Step and value.</param>
/// <param name="IsSuperseded">Whether it no longer counts: the trial went on from a checkpoint before it.</param>
internal readonly record struct ReportRow(int Number, TrialReport Report, bool IsSuperseded);

/// <summary>A trial at a rung, for reports.</summary>
internal readonly record struct RungRow(int Bracket, int Rung, long Step, Verdict Verdict);
