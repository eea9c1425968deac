using Sightline.Compute.Planning;

namespace Sightline.Compute.Offers;

/// <summary>What one job costs on one offer.</summary>
public sealed record RankedOffer
{
    /// <summary>The offer.</summary>
    public required Offer Offer { get; init; }

    /// <summary>How the job runs on its GPU.</summary>
    public required GpuPlan Plan { get; init; }

    /// <summary>Hours from the lease's start to its end: set-up, copy of the data, training, work lost to interruptions.</summary>
    public required double Hours { get; init; }

    /// <summary>Hours at the high and low end of the speed.</summary>
    public required (double Low, double High) HoursRange { get; init; }

    /// <summary>The machine's price times the hours, USD.</summary>
    public required decimal MachineUsd { get; init; }

    /// <summary>Disk, USD.</summary>
    public required decimal DiskUsd { get; init; }

    /// <summary>Traffic out, USD.</summary>
    public required decimal EgressUsd { get; init; }

    /// <summary>The finished job, USD: what offers are compared by.</summary>
    public decimal TotalUsd => MachineUsd + DiskUsd + EgressUsd;

    /// <summary>The total at the high and low end of the speed, USD.</summary>
    public required (decimal Low, decimal High) TotalRangeUsd { get; init; }

    /// <summary>USD per million pictures seen in training, all costs included.</summary>
    public required decimal UsdPerMillionImages { get; init; }

    /// <summary>Whether no other offer is both cheaper and faster.</summary>
    public bool IsPareto { get; init; }
}
