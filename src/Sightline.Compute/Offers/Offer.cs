using Sightline.Compute.Gpus;

namespace Sightline.Compute.Offers;

/// <summary>A machine that can be rented at a price.</summary>
public sealed record Offer
{
    /// <summary>The provider's id.</summary>
    public required string Provider { get; init; }

    /// <summary>The machine type or the provider's name of the offer.</summary>
    public required string Instance { get; init; }

    /// <summary>The GPU.</summary>
    public required Gpu Gpu { get; init; }

    /// <summary>How many.</summary>
    public required int GpuCount { get; init; }

    /// <summary>Virtual processors; null when not stated.</summary>
    public int? VirtualCpus { get; init; }

    /// <summary>Main memory, GiB; null when not stated.</summary>
    public double? MemoryGib { get; init; }

    /// <summary>Region or place.</summary>
    public required string Region { get; init; }

    /// <summary>Price of the whole machine, USD per hour.</summary>
    public required decimal PricePerHourUsd { get; init; }

    /// <summary>Whether the provider may take it back at any time.</summary>
    public required bool IsSpot { get; init; }

    /// <summary>When the price was seen; null when that is not known.</summary>
    public DateOnly? SeenOn { get; init; }

    /// <summary>Where the price is from.</summary>
    public required string Source { get; init; }

    /// <summary>What a check doubts about it; empty when nothing.</summary>
    public IReadOnlyList<string> Doubts { get; init; } = [];

    /// <summary>SSH host of a machine that is reached directly; empty otherwise.</summary>
    public string Host { get; init; } = "";

    /// <summary>Days since the price was seen; null when that is not known.</summary>
    /// <param name="today">Today's date, UTC.</param>
    public int? AgeDays(DateOnly today) => SeenOn is { } seen ? today.DayNumber - seen.DayNumber : null;
}
