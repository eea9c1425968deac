namespace Sightline.Tuning;

/// <summary>When a study has had enough; whichever limit comes first. Trials at work are ended, no new ones begin.</summary>
public sealed record StudyBudget
{
    /// <summary>No limit.</summary>
    public static StudyBudget None { get; } = new();

    /// <summary>How many trials to begin, attached ones not counted; null, the default, for no limit; at least 1.</summary>
    public long? Trials { get; init; }

    /// <summary>Until when trials begin; null, the default, for no limit.</summary>
    public DateTimeOffset? Deadline { get; init; }

    /// <summary>What the trials may cost together, US dollars; null, the default, for no limit. Counts what objectives and workers tell.</summary>
    public decimal? CostUsd { get; init; }

    /// <summary>All problems of these limits; empty where they are sound.</summary>
    public IEnumerable<string> Check()
    {
        if (Trials is < 1)
        {
            yield return $"Budget.Trials is {Trials}; it must be at least 1, or absent.";
        }

        if (CostUsd is <= 0)
        {
            yield return $"Budget.CostUsd is {CostUsd}; it must be above 0, or absent.";
        }
    }
}
