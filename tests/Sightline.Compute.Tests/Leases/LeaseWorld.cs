using Sightline.Compute.Gpus;
using Sightline.Compute.Leases;
using Sightline.Compute.Offers;

namespace Sightline.Compute.Tests.Leases;

/// <summary>A machine that a simulated or fake provider has made, ended or not.</summary>
/// <param name="Provider">The provider's id.</param>
/// <param name="Id">Its id there.</param>
/// <param name="Name">Its name there.</param>
/// <param name="CreatedAt">When it was made.</param>
/// <param name="IsAlive">Whether the provider still has it, in whatever state.</param>
/// <param name="BilledUsd">What it has cost until now.</param>
/// <param name="PricePerHourUsd">What it costs while it lives.</param>
internal sealed record WorldMachine(string Provider, string Id, string Name, DateTimeOffset CreatedAt, bool IsAlive, decimal BilledUsd, decimal PricePerHourUsd);

/// <summary>
/// What <see cref="LeaseSchedules"/> runs a controller against: providers with faults, and the truth about their machines. Implement it over a fake
/// server to run ten thousand schedules on a provider's backend. All randomness comes from the generator that made the world.
/// </summary>
internal interface ILeaseWorld
{
    /// <summary>The backends under test.</summary>
    IReadOnlyList<ILeaseProvider> Providers { get; }

    /// <summary>Offers that may be ordered.</summary>
    IReadOnlyList<Offer> Offers { get; }

    /// <summary>Every machine that was ever made.</summary>
    IEnumerable<WorldMachine> Machines { get; }

    /// <summary>How many calls have failed or lied, and how many machines had a bad fate.</summary>
    int FaultCount { get; }

    /// <summary>No faults from now on. Machines go on as they are.</summary>
    void Calm();
}

/// <summary>Offers for tests.</summary>
internal static class TestOffers
{
    public static Offer Of(string provider, decimal pricePerHourUsd, string instance = "a100", bool isSpot = false) => new()
    {
        Provider = provider,
        Instance = instance,
        Gpu = GpuCatalog.All[0],
        GpuCount = 1,
        Region = "here",
        PricePerHourUsd = pricePerHourUsd,
        IsSpot = isSpot,
        Source = "test",
    };
}
