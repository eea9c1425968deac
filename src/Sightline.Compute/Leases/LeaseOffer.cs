using System.Globalization;
using Sightline.Compute.Offers;

namespace Sightline.Compute.Leases;

/// <summary>What the journal keeps of an offer.</summary>
internal sealed record LeaseOffer
{
    /// <summary>The seller, as in offers.</summary>
    public required string Provider { get; init; }

    /// <summary>The machine type.</summary>
    public required string Instance { get; init; }

    /// <summary>The GPU's id in the table.</summary>
    public required string GpuId { get; init; }

    /// <summary>How many.</summary>
    public required int GpuCount { get; init; }

    /// <summary>Region or place.</summary>
    public required string Region { get; init; }

    /// <summary>Whether the provider may take it back.</summary>
    public required bool IsSpot { get; init; }

    /// <summary>The offer's price of the whole machine, USD per hour.</summary>
    public required decimal PricePerHourUsd { get; init; }

    public static LeaseOffer Of(Offer offer) => new()
    {
        Provider = offer.Provider,
        Instance = offer.Instance,
        GpuId = offer.Gpu.Id,
        GpuCount = offer.GpuCount,
        Region = offer.Region,
        IsSpot = offer.IsSpot,
        PricePerHourUsd = offer.PricePerHourUsd,
    };

    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture, $"{Provider} {Instance}, {GpuCount} x {GpuId}{(Region.Length > 0 ? $", {Region}" : "")}{(IsSpot ? ", spot" : "")}, {PricePerHourUsd:0.####} USD/h");
}
