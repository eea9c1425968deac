namespace Sightline.Compute.Monitoring;

/// <summary>How much an alert matters.</summary>
internal enum Severity
{
    /// <summary>Something could be better or cheaper.</summary>
    Advice,

    /// <summary>Somebody should look.</summary>
    Warning,

    /// <summary>Money or work is being lost.</summary>
    Critical,
}

/// <summary>What a rule has to say; a line of <c>alerts.jsonl</c>.</summary>
/// <param name="Rule"><c>idle</c>, <c>stalled</c>, <c>starved</c>, <c>waste</c>, <c>heat</c>, <c>budget</c>, <c>notFinite</c> or <c>lost</c>.</param>
/// <param name="Severity">How much it matters.</param>
/// <param name="At">When it was seen, UTC.</param>
/// <param name="Key">The same for the same trouble seen again.</param>
/// <param name="Message">What is wrong and what to do, in plain words.</param>
internal sealed record Alert(string Rule, Severity Severity, DateTimeOffset At, string Key, string Message);

/// <summary>What is known of the job when the rules are asked.</summary>
internal sealed record JobReading
{
    /// <summary>Whether a process trains.</summary>
    public required bool IsRunning { get; init; }

    /// <summary>Whether another job waits for the machine, or somebody works in a shell there.</summary>
    public bool IsExpected { get; init; }

    /// <summary>Whether an upload or a checkpoint is being written.</summary>
    public bool IsMovingData { get; init; }

    /// <summary>When the last step ended, or steps began, UTC; null where no steps are taken at the moment.</summary>
    public DateTimeOffset? MovedAt { get; init; }

    /// <summary>Median step, seconds; null before there are some.</summary>
    public double? StepSeconds { get; init; }

    /// <summary>Share of the time spent waiting for data, 0..1; null before it is told.</summary>
    public double? DataWaitShare { get; init; }

    /// <summary>What was not finite, in words; null where all was.</summary>
    public string? NotFinite { get; init; }
}
