using System.Globalization;

namespace Sightline.Compute.Leases;

/// <summary>When a lease has to end. Each holds by itself; the first one reached ends the lease.</summary>
internal sealed record LeaseLimits
{
    /// <summary>The most that all machines of the lease may cost together, USD.</summary>
    public required decimal MaxCostUsd { get; init; }

    /// <summary>The longest time from the request to the end.</summary>
    public required TimeSpan MaxTime { get; init; }

    /// <summary>When it has to be over whatever the other limits say; null when there is no such time.</summary>
    public DateTimeOffset? Deadline { get; init; }

    /// <summary>How long a machine may be idle until a warning. Default 10 minutes.</summary>
    public TimeSpan IdleWarning { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>How long a machine may be idle until its end; zero switches the rule off. Default 20 minutes.</summary>
    public TimeSpan IdleStop { get; init; } = TimeSpan.FromMinutes(20);

    /// <summary>How long before a limit a job is told to write its checkpoint. Default 2 minutes.</summary>
    public TimeSpan Drain { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>What is wrong with the values; empty when nothing is.</summary>
    public IEnumerable<string> Check()
    {
        if (!(MaxCostUsd > 0))
        {
            yield return string.Create(CultureInfo.InvariantCulture, $"The most it may cost is {MaxCostUsd} USD; it must be above 0. Pass --max-cost.");
        }

        if (!(MaxTime > TimeSpan.Zero && MaxTime <= TimeSpan.FromDays(365)))
        {
            yield return string.Create(CultureInfo.InvariantCulture, $"The longest time is {MaxTime.TotalHours:0.##} hours; it must be above 0 and at most a year. Pass --max-hours.");
        }

        if (IdleStop < TimeSpan.Zero || IdleWarning < TimeSpan.Zero)
        {
            yield return string.Create(CultureInfo.InvariantCulture, $"The idle stop is {IdleStop.TotalMinutes:0.##} minutes; it must be 0 (off) or more. Pass --idle.");
        }

        if (Drain < TimeSpan.Zero || Drain > TimeSpan.FromHours(1))
        {
            yield return string.Create(CultureInfo.InvariantCulture, $"The time for the last checkpoint is {Drain.TotalMinutes:0.##} minutes; it must be from 0 to 60.");
        }
    }
}
