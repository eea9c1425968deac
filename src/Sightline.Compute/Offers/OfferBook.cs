using System.Globalization;
using Sightline.Compute.Gpus;

namespace Sightline.Compute.Offers;

/// <summary>Offers made of checked prices, and what was found on the way.</summary>
/// <param name="Offers">What can be rented.</param>
/// <param name="Findings">Defects of the prices.</param>
/// <param name="Unknown">Accelerators that the GPU table does not hold, once each.</param>
public sealed record OfferBook(IReadOnlyList<Offer> Offers, IReadOnlyList<PriceFinding> Findings, IReadOnlyList<string> Unknown)
{
    /// <summary>Checks rows, joins hosts with GPUs and makes an offer of each price.</summary>
    /// <param name="rows">Prices of any providers.</param>
    public static OfferBook From(IReadOnlyList<PriceRow> rows)
    {
        var (kept, findings) = PriceCheck.Run(rows);
        var unknown = new List<string>();
        var offers = new List<Offer>();
        foreach (var row in kept.Where(row => row.Part == PricePart.Machine).Concat(Join(kept)))
        {
            if (Identify(row) is { } gpu)
            {
                offers.AddRange(Split(row, gpu));
            }
            else
            {
                unknown.Add(row.GpuMemoryMib is { } mib ? string.Create(CultureInfo.InvariantCulture, $"{row.Accelerator} ({mib} MiB)") : row.Accelerator);
            }
        }

        return new OfferBook(offers, findings, [.. unknown.Distinct().Order(StringComparer.Ordinal)]);
    }

    // The machine type knows the form; the words of the price list often do not.
    private static Gpu? Identify(PriceRow row) => MachineTypes.Find(row.Provider, row.Instance) is { } type
        ? GpuCatalog.Find(type.GpuId)
        : GpuCatalog.Identify(row.Accelerator, row.GpuMemoryMib);

    private static IEnumerable<PriceRow> Join(IReadOnlyList<PriceRow> rows)
    {
        var gpus = rows.Where(row => row.Part == PricePart.Gpu).ToList();
        foreach (var host in rows.Where(row => row.Part == PricePart.Host))
        {
            var type = MachineTypes.Find(host.Provider, host.Instance);
            var match = type is null ? null : gpus.FirstOrDefault(gpu => gpu.Provider == host.Provider && gpu.Zone == host.Zone && gpu.Region == host.Region
                && gpu.Count == type.Count && GpuCatalog.Identify(gpu.Accelerator, gpu.GpuMemoryMib)?.Id == type.GpuId);
            if (match is not null)
            {
                yield return match with
                {
                    Instance = host.Instance,
                    Part = PricePart.Machine,
                    VirtualCpus = host.VirtualCpus,
                    MemoryGib = host.MemoryGib,
                    Doubts = [.. host.Doubts, .. match.Doubts],
                    PricePerHourUsd = host.PricePerHourUsd + match.PricePerHourUsd,
                    SpotPricePerHourUsd = host.SpotPricePerHourUsd + match.SpotPricePerHourUsd,
                    Source = match.Source == host.Source ? match.Source : $"{host.Source}; {match.Source}",
                };
            }
        }
    }

    private static IEnumerable<Offer> Split(PriceRow row, Gpu gpu)
    {
        foreach (var (price, isSpot) in new[] { (row.PricePerHourUsd, false), (row.SpotPricePerHourUsd, true) })
        {
            if (price is { } known)
            {
                yield return new Offer
                {
                    Provider = row.Provider,
                    Instance = row.Instance,
                    Gpu = gpu,
                    GpuCount = row.Count,
                    VirtualCpus = row.VirtualCpus,
                    MemoryGib = row.MemoryGib,
                    Region = row.Region,
                    PricePerHourUsd = known,
                    IsSpot = isSpot,
                    SeenOn = row.SeenOn,
                    Source = row.Source,
                    Doubts = row.Doubts,
                    Host = row.Host,
                };
            }
        }
    }
}
