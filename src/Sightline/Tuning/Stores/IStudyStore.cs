namespace Sightline.Tuning;

/// <summary>Where one study is kept. All members are called under the study's lock, except <see cref="Renew"/>, which its own thread calls.</summary>
/// <remarks>A write to a running trial carries its claim; where the trial has another epoch by now, or is over, the write is refused: the methods that
/// return a bool give false and change nothing.</remarks>
internal interface IStudyStore : IDisposable
{
    /// <summary>How the study searches; fixed.</summary>
    StudyOptions Options { get; }

    /// <summary>How long a worker may be silent before its trials are given to others; null where it cannot be lost alone.</summary>
    TimeSpan? Lease { get; }

    /// <summary>What changed since a position of an earlier answer; everything since 0.</summary>
    StudyChanges Changes(long since);

    /// <summary>Takes one waiting or released trial; null where there is none.</summary>
    TrialRow? Claim(StudyWorker worker);

    /// <summary>Takes a paused trial that was promoted; null where it is no longer paused at this epoch.</summary>
    TrialRow? Promote(StudyWorker worker, Claim paused, int rung);

    /// <summary>Takes the next number for a new trial, running, without a configuration; null where the budget has none left.</summary>
    TrialRow? Begin(StudyWorker worker);

    /// <summary>Gives a running trial its configuration.</summary>
    /// <param name="claim">The trial.</param>
    /// <param name="configuration">Complete.</param>
    /// <param name="predictedMemoryBytes">What it needs by the memory plan; null where there is none.</param>
    /// <param name="isUnique">Whether no other trial may have it.</param>
    /// <returns>False where another trial has it.</returns>
    /// <exception cref="TrialLostException">The trial was given to another worker.</exception>
    bool Configure(Claim claim, Configuration configuration, long? predictedMemoryBytes, bool isUnique);

    /// <summary>Takes back what <see cref="Begin"/> began, where the sampler has no more configurations.</summary>
    void Withdraw(Claim claim);

    /// <summary>Adds a waiting or complete trial.</summary>
    /// <param name="row">Its number is not used.</param>
    /// <param name="reports">Its reports; empty for a waiting one.</param>
    /// <param name="isUnique">Whether no other trial may have its configuration.</param>
    /// <returns>Its number; null where another trial has the configuration.</returns>
    int? Add(TrialRow row, IReadOnlyList<TrialReport> reports, bool isUnique);

    /// <summary>Adds a report, and what the pruner made of it.</summary>
    /// <param name="claim">The trial.</param>
    /// <param name="report">Replaces the trial's reports from its step on.</param>
    /// <param name="verdict">Stop makes it pruned, Pause paused.</param>
    /// <param name="promotedRung">The trial's <see cref="Trial.PromotedRung"/>.</param>
    /// <param name="stoppedAtRung">The trial's <see cref="Trial.StoppedAtRung"/>.</param>
    /// <param name="rungs">The rungs that the report reached.</param>
    bool Report(Claim claim, TrialReport report, Verdict verdict, int promotedRung, long? stoppedAtRung, IReadOnlyList<RungRow> rungs);

    /// <summary>Notes the step of a checkpoint.</summary>
    bool KeepCheckpoint(Claim claim, long step);

    /// <summary>Ends a running trial.</summary>
    bool Finish(Claim claim, TrialEnd end);

    /// <summary>Notes what a trial cost that a verdict has ended; it need not be running.</summary>
    void AddCost(Claim claim, decimal? costUsd, long? peakMemoryBytes);

    /// <summary>Gives a running trial back, to go on from its checkpoint, or from the beginning where it has none.</summary>
    bool Release(Claim claim);

    /// <summary>Extends the leases of trials and says that the worker lives.</summary>
    /// <returns>Those of the claims that no longer hold, and whether the study still wants work.</returns>
    (IReadOnlyList<Claim> Lost, bool IsLate) Renew(StudyWorker worker, IReadOnlyList<Claim> claims);

    /// <summary>Gives the trials whose leases ran out back, or fails them after too many attempts.</summary>
    /// <returns>How many there were.</returns>
    int Reap();

    /// <summary>Sets another space.</summary>
    void SetSpace(SearchSpace space);

    /// <summary>Sets the budget and opens the study, or stops it.</summary>
    void SetState(StudyState state, StudyBudget? budget);
}

/// <summary>Who works on trials.</summary>
/// <param name="Id">A name of its own.</param>
internal sealed record StudyWorker(string Id)
{
    /// <summary>Its accelerator's name; null for none.</summary>
    public string? Gpu { get; init; }

    /// <summary>Its accelerator's memory, bytes; it gets no trial predicted to need more. Null: it takes any.</summary>
    public long? MemoryBytes { get; init; }

    /// <summary>What it costs, US dollars an hour; null where it costs nothing or that is not known.</summary>
    public decimal? PricePerHourUsd { get; init; }
}
