using System.Globalization;
using Sightline.Compute.Offers;

namespace Sightline.Compute.Leases;

/// <summary>What is to be leased, and within which limits.</summary>
internal sealed record LeaseOrder
{
    /// <summary>The offers to try, the best first.</summary>
    public required IReadOnlyList<Offer> Offers { get; init; }

    /// <summary>When it has to end.</summary>
    public required LeaseLimits Limits { get; init; }

    /// <summary>The key that may log in, in OpenSSH's one-line form; empty where the provider holds the key already.</summary>
    public string SshPublicKey { get; init; } = "";

    /// <summary>Highest price of the machine, USD per hour, whatever the offer says; null for none.</summary>
    public decimal? MaxPricePerHourUsd { get; init; }

    /// <summary>How much an offer's price may have risen since it was seen, as a fraction. Default 0.05.</summary>
    public decimal PriceTolerance { get; init; } = 0.05m;

    /// <summary>How many offers are tried at most. Default 5.</summary>
    public int MaxOffers { get; init; } = 5;

    /// <summary>How long a machine may take until it is ready; then it is ended and the next offer is tried. Default 15 minutes.</summary>
    public TimeSpan StartLimit { get; init; } = TimeSpan.FromMinutes(15);

    /// <summary>Whether <see cref="LeaseController.LeaseAsync"/> returns when the machine is ready, not when it is asked for. Default true.</summary>
    public bool WaitsForReady { get; init; } = true;

    /// <summary>Disk, GiB. Default 50.</summary>
    public double DiskGib { get; init; } = 50;

    /// <summary>Image of the machine; empty takes the provider's default.</summary>
    public string Image { get; init; } = "";

    /// <summary>What it is for, such as a run's name; shown in lists.</summary>
    public string Purpose { get; init; } = "";

    /// <summary>The highest price that a provider may charge for an offer, USD per hour.</summary>
    /// <param name="offer">One of <see cref="Offers"/>.</param>
    public decimal PriceCap(Offer offer) => Math.Min(MaxPricePerHourUsd ?? decimal.MaxValue, offer.PricePerHourUsd * (1 + PriceTolerance));

    /// <summary>What is wrong with the values; empty when nothing is.</summary>
    public IEnumerable<string> Check()
    {
        foreach (var problem in Limits.Check())
        {
            yield return problem;
        }

        if (Offers.Count == 0)
        {
            yield return "No offer is left to lease. Loosen the filters; 'sightline gpu offers' shows what there is.";
        }

        if (MaxPricePerHourUsd is <= 0)
        {
            yield return string.Create(CultureInfo.InvariantCulture, $"The highest price is {MaxPricePerHourUsd} USD per hour; it must be above 0. Pass --max-price.");
        }

        if (MaxOffers is < 1 or > 50)
        {
            yield return $"{MaxOffers} offers are to be tried; it must be 1 to 50.";
        }

        if (!(DiskGib is >= 1 and <= 16_384))
        {
            yield return string.Create(CultureInfo.InvariantCulture, $"The disk is {DiskGib} GiB; it must be 1 to 16384. Pass --disk.");
        }
    }
}
