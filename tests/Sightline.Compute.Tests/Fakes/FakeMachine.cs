namespace Sightline.Compute.Tests.Fakes;

/// <summary>A machine of a fake provider; all that is asked of it follows from times.</summary>
internal sealed class FakeMachine
{
    public required string Id { get; init; }

    public required string Name { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    public required decimal PricePerHourUsd { get; init; }

    public required bool IsSpot { get; init; }

    public required Fate Fate { get; init; }

    /// <summary>Where it is, such as a zone.</summary>
    public string Place { get; init; } = "";

    /// <summary>What it was asked for with.</summary>
    public string Request { get; init; } = "";

    /// <summary>When the provider ends it by itself; null: never.</summary>
    public DateTimeOffset? EndsBy { get; init; }

    /// <summary>Whether an interruption deletes it; else it stays, stopped.</summary>
    public bool GoneWhenInterrupted { get; init; }

    /// <summary>When its end was asked for first.</summary>
    public DateTimeOffset? EndAskedAt { get; set; }

    public bool IsFailed => Fate.Fails;

    public bool IsRunning(DateTimeOffset now) => !IsGone(now) && !IsFailed && now >= CreatedAt + Fate.Start && !IsInterrupted(now);

    public bool IsInterrupted(DateTimeOffset now) => IsSpot && Fate.Interrupted is { } after && now >= CreatedAt + after;

    /// <summary>When it stops to exist and to be billed; null while that is not known.</summary>
    public DateTimeOffset? GoneAt => new[] { EndAskedAt + Fate.Delete, CreatedAt + Fate.Vanishes, EndsBy, IsSpot && GoneWhenInterrupted ? CreatedAt + Fate.Interrupted : null }.Min();

    public bool IsGone(DateTimeOffset now) => GoneAt <= now;

    /// <summary>The bill until now, from the creation on.</summary>
    public decimal BilledUsd(DateTimeOffset now)
    {
        var until = GoneAt < now ? GoneAt.Value : now;
        return until > CreatedAt ? PricePerHourUsd * (decimal)(until - CreatedAt).TotalHours : 0;
    }
}
