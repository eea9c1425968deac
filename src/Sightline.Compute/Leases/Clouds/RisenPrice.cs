using System.Globalization;

namespace Sightline.Compute.Leases.Clouds;

/// <summary>Words of a price that rose between search and create.</summary>
internal static class RisenPrice
{
    /// <summary>The exception.</summary>
    public static LeaseException Trouble(string provider, string offer, decimal now, decimal most) => new(LeaseTrouble.PriceRose, string.Create(CultureInfo.InvariantCulture,
        $"{provider} now asks {now:0.####} USD per hour for {offer}; at most {most:0.####} is allowed. Nothing was rented. Take another offer, or allow a higher price."));
}
