namespace Sightline.Tuning;

/// <summary>How a study searches.</summary>
public sealed record StudyOptions
{
    /// <summary>Its name; "study" by default.</summary>
    public string Name { get; init; } = "study";

    /// <summary>One direction per objective; by default one objective, minimised.</summary>
    public IReadOnlyList<Direction> Directions { get; init; } = [Direction.Minimize];

    /// <summary>The seed; 0 by default. The draws of a trial follow from the seed, its number and the history.</summary>
    public long Seed { get; init; }

    /// <summary>The sampler, one of <see cref="Samplers.Names"/>; "auto" by default.</summary>
    public string Sampler { get; init; } = "auto";

    /// <summary>When trials are stopped early; ASHA by default. Studies of several objectives do not stop early.</summary>
    public PrunerOptions Pruner { get; init; } = new();

    /// <summary>Whether the objective is noisy, so that a configuration may be tried again. Default false: none is ever repeated.</summary>
    public bool Noisy { get; init; }

    /// <summary>Into how many values the grid sampler cuts a continuous range, ends included; 5 by default, at least 1.</summary>
    public int GridPoints { get; init; } = 5;

    /// <summary>In a database: how long a worker may be silent before its trials are given to others; 90 seconds by default, 1 second to 1 day.
    /// It says so three times as often, whatever the objective does.</summary>
    public TimeSpan Lease { get; init; } = TimeSpan.FromSeconds(90);

    /// <summary>In a database: how many workers may be lost over a trial before it is failed; 3 by default, at least 1.</summary>
    public int MaxAttempts { get; init; } = 3;

    /// <summary>All problems of these settings; empty where they are sound.</summary>
    public IEnumerable<string> Check()
    {
        if (string.IsNullOrWhiteSpace(Name))
        {
            yield return "Name is empty; a study needs a name.";
        }

        if (Directions.Count == 0)
        {
            yield return "Directions is empty; give one direction per objective.";
        }

        if (!Samplers.Names.Contains(Sampler, StringComparer.Ordinal))
        {
            yield return $"Sampler is '{Sampler}'; it must be one of {string.Join(", ", Samplers.Names)}.";
        }

        if (GridPoints < 1)
        {
            yield return $"GridPoints is {GridPoints}; it must be at least 1.";
        }

        if (Lease < TimeSpan.FromSeconds(1) || Lease > TimeSpan.FromDays(1))
        {
            yield return $"Lease is {Lease}; it must lie between 1 second and 1 day.";
        }

        if (MaxAttempts < 1)
        {
            yield return $"MaxAttempts is {MaxAttempts}; it must be at least 1.";
        }

        foreach (var problem in Pruner.Check())
        {
            yield return problem;
        }
    }
}
