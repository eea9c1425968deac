using System.Globalization;
using Sightline.Compute.Gpus;
using Sightline.Compute.Offers;
using Sightline.Compute.Planning;

namespace Sightline.Compute.Monitoring;

/// <summary>Finds the offer on which what is left of a job would cost less than where it runs.</summary>
internal static class CheaperCard
{
    /// <summary>Names the cheapest offer on another card and the saving, or null where moving does not pay.</summary>
    /// <param name="left">What is left of the job.</param>
    /// <param name="here">The GPU where it runs.</param>
    /// <param name="pricePerHourUsd">Price of the machine where it runs.</param>
    /// <param name="hoursLeft">Hours that the rest takes here; measured, not estimated.</param>
    /// <param name="offers">What there is.</param>
    /// <param name="terms">Set-up, disk, traffic: what moving costs.</param>
    public static string? Name(TrainingJob left, Gpu here, decimal pricePerHourUsd, double hoursLeft, IEnumerable<Offer> offers, CostTerms terms)
    {
        var stay = pricePerHourUsd * (decimal)hoursLeft;
        var best = OfferRanking.Rank(left, offers.Where(offer => offer.Gpu.Id != here.Id && offer is { GpuCount: 1, Doubts.Count: 0 }), terms).FirstOrDefault();
        return best is not null && best.TotalRangeUsd.High < stay
            ? string.Create(CultureInfo.InvariantCulture,
                $"A {best.Offer.Gpu.Name} of {best.Offer.Provider} ({best.Offer.Instance}, {best.Offer.PricePerHourUsd:0.00} USD per hour) would finish in about {best.Hours:0.0} hours for {best.TotalUsd:0.00} USD, the move included; ") +
              string.Create(CultureInfo.InvariantCulture, $"staying costs {stay:0.00} USD for {hoursLeft:0.0} hours: {stay - best.TotalUsd:0.00} USD less. Or use this card better with a larger batch.")
            : null;
    }
}
