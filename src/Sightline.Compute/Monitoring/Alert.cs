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

/// <summary>The thresholds of the rules.</summary>
/// <remarks>
/// Sources: cluster operators warn after 15 idle minutes and cancel at 60; SkyPilot stops after 5. A user may set all of them; none ever ends a
/// local training.
/// </remarks>
internal sealed record RuleOptions
{
    /// <summary>Idle: below this the GPU does nothing, percent of kernels and of the memory controller.</summary>
    public double IdlePercent { get; init; } = 5;

    /// <summary>Idle: minutes until a warning.</summary>
    public double IdleWarnMinutes { get; init; } = 10;

    /// <summary>Idle: minutes until a lease is to end.</summary>
    public double IdleEndMinutes { get; init; } = 20;

    /// <summary>Stalled: minutes without a step.</summary>
    public double StalledMinutes { get; init; } = 5;

    /// <summary>Stalled: times a usual step, where that is longer.</summary>
    public double StalledSteps { get; init; } = 10;

    /// <summary>Starved: below this mean the GPU waits, percent.</summary>
    public double StarvedPercent { get; init; } = 50;

    /// <summary>Starved: above this share of the time spent waiting for data, 0..1.</summary>
    public double StarvedWaitShare { get; init; } = 0.2;

    /// <summary>Starved, waste: minutes that are looked at.</summary>
    public double AdviceMinutes { get; init; } = 5;

    /// <summary>Waste: below this the card's memory is mostly empty, percent.</summary>
    public double WasteMemoryPercent { get; init; } = 40;

    /// <summary>Waste: above this the GPU is at work, percent.</summary>
    public double WasteGpuPercent { get; init; } = 80;

    /// <summary>Heat: minutes that are looked at.</summary>
    public double HeatMinutes { get; init; } = 1;

    /// <summary>Heat: degrees below the GPU's own slow-down at which it is told.</summary>
    public double HeatMarginCelsius { get; init; } = 3;

    /// <summary>Heat: the slow-down of a GPU that does not tell its own, degrees Celsius; NVIDIA's data-centre cards name 87 to 93.</summary>
    public double HeatUnknownCelsius { get; init; } = 88;

    /// <summary>Budget: shares of the cap that are told.</summary>
    public IReadOnlyList<double> BudgetShares { get; init; } = [0.8, 1];

    /// <summary>How far back samples are needed: the longest window, and a minute.</summary>
    public TimeSpan Memory => TimeSpan.FromMinutes(new[] { IdleWarnMinutes, IdleEndMinutes, AdviceMinutes, HeatMinutes }.Max() + 1);
}

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
