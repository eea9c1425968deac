namespace Sightline.Tuning;

/// <summary>What of a study may change while it lives, apart from its trials.</summary>
internal sealed record StudyStatus
{
    /// <summary>Beyond it nobody needs the number, and counting would take as long as there are rows.</summary>
    public const int MostCounted = 1000;

    public required SearchSpace Space { get; init; }

    /// <summary>1 for the first space, one more with each change.</summary>
    public int SpaceVersion { get; init; } = 1;

    public StudyState State { get; init; }

    public StudyBudget Budget { get; init; } = StudyBudget.None;

    /// <summary>What the trials have cost so far.</summary>
    public decimal SpentUsd { get; init; }

    /// <summary>The number of the next new trial.</summary>
    public int NextNumber { get; init; }

    /// <summary>How many trials were attached; they do not count in the budget.</summary>
    public int Attached { get; init; }

    /// <summary>How many trials run or wait for a worker, those included whose configuration is still being chosen; a database counts up to <see cref="MostCounted"/> of each.</summary>
    public int Unfinished { get; init; }

    /// <summary>How many trials wait for a worker, counted up to <see cref="MostCounted"/>.</summary>
    public int Claimable { get; init; }

    /// <summary>The store's clock.</summary>
    public DateTimeOffset Now { get; init; }

    /// <summary>Why no new trial may begin; null where one may.</summary>
    public string? Closed => State == StudyState.Stopped ? "The study was stopped."
        : Budget.Trials <= NextNumber - Attached ? $"All {Budget.Trials} trials of the budget have begun."
        : Late;

    /// <summary>Why no trial may begin or go on; null where one may.</summary>
    public string? Late => State == StudyState.Stopped ? "The study was stopped."
        : Budget.Deadline <= Now ? "The budget's time is over."
        : Budget.CostUsd <= SpentUsd ? $"The trials have cost {SpentUsd:0.00} USD; the budget is {Budget.CostUsd:0.00} USD."
        : null;
}

/// <summary>What has changed in a study since a position.</summary>
/// <param name="Position">From where to read on.</param>
/// <param name="Status">As it is now.</param>
/// <param name="Trials">Changed trials, some perhaps read before, by number.</param>
/// <param name="Reports">Changed reports, some perhaps read before.</param>
internal sealed record StudyChanges(long Position, StudyStatus Status, IReadOnlyList<TrialRow> Trials, IReadOnlyList<ReportRow> Reports);

/// <summary>How a trial ended, for the store.</summary>
internal sealed record TrialEnd(TrialState State)
{
    public IReadOnlyList<double> Values { get; init; } = [];

    public IReadOnlyList<double> Constraints { get; init; } = [];

    public string? Reason { get; init; }

    public decimal? CostUsd { get; init; }

    public long? PeakMemoryBytes { get; init; }
}
