namespace Sightline.Tuning;

/// <summary>How a worker works.</summary>
public sealed record TuneWorkerOptions
{
    /// <summary>Where each trial has a folder for its checkpoints; "tune" by default. Workers on several machines need a shared one to go on with each other's trials.</summary>
    public string Folder { get; init; } = "tune";

    /// <summary>How long one attempt at a trial may take before it is failed; null, the default, for any time; at least a second.</summary>
    public TimeSpan? TrialLimit { get; init; }

    /// <summary>How long an objective that was cancelled may take to leave a checkpoint; 30 seconds by default.</summary>
    public TimeSpan Grace { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>What this worker costs, US dollars an hour; null, the default, where it costs nothing. Trials whose objective tells no cost are charged by their time.</summary>
    public decimal? PricePerHourUsd { get; init; }

    /// <summary>Whether to stay, when there is nothing to begin, until no trial runs elsewhere: one of those workers may be lost. Default true.</summary>
    public bool StaysForOthers { get; init; } = true;

    /// <summary>All problems of these settings; empty where they are sound.</summary>
    public IEnumerable<string> Check()
    {
        if (string.IsNullOrWhiteSpace(Folder))
        {
            yield return "Folder is empty; trials need a folder for their checkpoints.";
        }

        if (TrialLimit < TimeSpan.FromSeconds(1))
        {
            yield return $"TrialLimit is {TrialLimit}; it must be at least 1 second, or absent.";
        }

        if (Grace < TimeSpan.Zero)
        {
            yield return $"Grace is {Grace}; it must be at least 0.";
        }

        if (PricePerHourUsd is < 0)
        {
            yield return $"PricePerHourUsd is {PricePerHourUsd}; it must be at least 0, or absent.";
        }
    }
}
