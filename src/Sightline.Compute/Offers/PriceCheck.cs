using System.Globalization;
using Sightline.Compute.Gpus;

namespace Sightline.Compute.Offers;

/// <summary>Finds defects that real price catalogues have, repairs what can be repaired, rejects what would mislead.</summary>
public sealed class PriceCheck
{
    // Of the sound Google rows none has spot above 56 % of on-demand; of the calendar prices none is below 70 %.
    private const decimal CalendarSpotShare = 0.65m;
    // Calendar prices are 41 to 58 % of the usual; sound regional and bulk rebates end at 65 %.
    private const decimal CalendarPriceShare = 0.60m;
    private const decimal OutlierLow = 0.3m;
    private const decimal OutlierHigh = 3m;
    private const int RowsForMedian = 4;

    private readonly List<PriceFinding> _findings = [];

    private PriceCheck()
    {
    }

    /// <summary>Checks rows; the medians are taken over the rows of one call.</summary>
    /// <param name="rows">Rows of one or several providers.</param>
    /// <returns>The rows that are left, repaired, in their order, and what was found.</returns>
    public static PriceCheckResult Run(IReadOnlyList<PriceRow> rows)
    {
        var check = new PriceCheck();
        var medians = rows.Where(row => row.Part != PricePart.Host && row.PricePerHourUsd > 0 && row.Count > 0).GroupBy(Group)
            .Where(group => group.Count() >= RowsForMedian)
            .ToDictionary(group => group.Key, group => Median(group.Select(row => row.PricePerHourUsd!.Value / row.Count))); // Positive, so not null.
        var kept = rows.Select(row => check.Look(row, medians)).OfType<PriceRow>().ToList();
        return new PriceCheckResult(kept, check._findings);
    }

    // Rows of one GPU with one memory size at one provider; the form factor is part of the words where it matters.
    private static (string, string, int, PricePart) Group(PriceRow row)
    {
        var gpu = GpuCatalog.Identify(row.Accelerator, Memory(row));
        return (row.Provider, gpu?.Model ?? row.Accelerator, (gpu?.MemoryMib ?? row.GpuMemoryMib ?? 0) / 4096, row.Part);
    }

    private PriceRow? Look(PriceRow original, Dictionary<(string, string, int, PricePart), decimal> medians)
    {
        var row = original;
        if (row.PricePerHourUsd is <= 0)
        {
            Add(original, "zero-is-unknown", PriceVerdict.Repaired, $"The on-demand price is {Money(row.PricePerHourUsd)}: nobody gives a machine away, 0 means unknown. It is left out.");
            row = row with { PricePerHourUsd = null };
        }

        if (row.SpotPricePerHourUsd is <= 0)
        {
            Add(original, "zero-is-unknown", PriceVerdict.Repaired, $"The spot price is {Money(row.SpotPricePerHourUsd)}: 0 means unknown. It is left out.");
            row = row with { SpotPricePerHourUsd = null };
        }

        row = CheckCount(original, CheckMemory(original, row));
        if (row.PricePerHourUsd is null && row.SpotPricePerHourUsd is null)
        {
            return Reject(original, "no-price", "The row has no usable price.");
        }

        if (IsReserved(row, medians, out var reason))
        {
            return Reject(original, "reserved-as-on-demand", reason);
        }

        row = CheckSpot(original, row);
        CheckOutlier(original, row, medians);
        var doubts = _findings.Where(finding => ReferenceEquals(finding.Row, original) && finding.Verdict == PriceVerdict.Doubtful).Select(finding => finding.Explanation).ToList();
        return doubts.Count == 0 ? row : row with { Doubts = doubts };
    }

    private PriceRow CheckMemory(PriceRow original, PriceRow row)
    {
        if (row.GpuMemoryMib is not { } mib || row.Accelerator.Length == 0)
        {
            return row;
        }

        if (mib is > 0 and < 1024 && GpuCatalog.Identify(row.Accelerator, mib * 1024) is not null)
        {
            Add(original, "memory-unit", PriceVerdict.Repaired, $"The GPU memory is {mib} MiB, which is GiB written into a MiB field. It is taken as {mib * 1024} MiB.");
            return row with { GpuMemoryMib = mib * 1024 };
        }

        if (GpuCatalog.Knows(row.Accelerator) && GpuCatalog.Identify(row.Accelerator, mib) is null)
        {
            if (row.Count > 1 && mib % row.Count == 0 && GpuCatalog.Identify(row.Accelerator, mib / row.Count) is not null)
            {
                Add(original, "memory-unit", PriceVerdict.Repaired, $"The GPU memory is {mib} MiB, the total of {row.Count} GPUs. It is taken as {mib / row.Count} MiB each.");
                return row with { GpuMemoryMib = mib / row.Count };
            }

            Add(original, "memory-size", PriceVerdict.Doubtful, $"The GPU memory is {mib} MiB, which is no size that the {row.Accelerator} is sold with: a modified card or a wrong entry. It is kept out of plans.");
        }

        return row;
    }

    private PriceRow CheckCount(PriceRow original, PriceRow row)
    {
        if (MachineTypes.Find(row.Provider, row.Instance) is { } type && row.Part == PricePart.Machine && type.Count != row.Count)
        {
            Add(original, "gpu-count", PriceVerdict.Repaired, $"The row says {row.Count} GPUs; a {row.Instance} has {type.Count}. {type.Count} is used.");
            return row with { Count = type.Count };
        }

        if (row.Count < 1)
        {
            Add(original, "gpu-count", PriceVerdict.Repaired, $"The row says {row.Count} GPUs. It is taken as 1.");
            return row with { Count = 1 };
        }

        return row;
    }

    private PriceRow CheckSpot(PriceRow original, PriceRow row)
    {
        if (row is not { PricePerHourUsd: { } full, SpotPricePerHourUsd: { } spot } || spot < full)
        {
            if (row is { Provider: "gcp", Part: PricePart.Gpu, PricePerHourUsd: { } whole, SpotPricePerHourUsd: { } part } && part > CalendarSpotShare * whole)
            {
                Add(original, "reserved-as-on-demand", PriceVerdict.Doubtful, $"Spot {Money(part)} is {part / whole:P0} of on-demand {Money(whole)}; at Google Cloud it is at most 56 % elsewhere. The on-demand price may be a calendar-mode one.");
            }

            return row;
        }

        if (spot == full)
        {
            Add(original, "spot-equals-on-demand", PriceVerdict.Repaired, $"Spot and on-demand are both {Money(full)}: the catalogue filled a missing spot price. Spot is left out.");
            return row with { SpotPricePerHourUsd = null };
        }

        Add(original, "spot-above-on-demand", PriceVerdict.Repaired, $"Spot {Money(spot)} is above on-demand {Money(full)}; spot is never dearer. Spot is left out.");
        return row with { SpotPricePerHourUsd = null };
    }

    private static bool IsReserved(PriceRow row, Dictionary<(string, string, int, PricePart), decimal> medians, out string reason)
    {
        reason = "";
        if (row.Description.Contains("Calendar Mode", StringComparison.OrdinalIgnoreCase) || row.Description.Contains("Reserved", StringComparison.OrdinalIgnoreCase)
            || row.Description.Contains("Commitment", StringComparison.OrdinalIgnoreCase))
        {
            reason = $"'{row.Description}' is a price for reserved capacity, not for on-demand.";
            return true;
        }

        if (row.Provider != "gcp" || row.PricePerHourUsd is not { } price)
        {
            return false;
        }

        if (row.SpotPricePerHourUsd is { } spot && spot > price)
        {
            reason = $"Spot {Money(spot)} is above on-demand {Money(price)}: the on-demand price is most likely that of calendar mode (a reserved slot).";
            return true;
        }

        if (medians.TryGetValue(Group(row), out var median) && price / row.Count < CalendarPriceShare * median)
        {
            reason = $"{Money(price / row.Count)} per GPU is {price / row.Count / median:P0} of the {Money(median)} that Google Cloud asks in the other regions: most likely the calendar-mode price (a reserved slot).";
            return true;
        }

        return false;
    }

    private void CheckOutlier(PriceRow original, PriceRow row, Dictionary<(string, string, int, PricePart), decimal> medians)
    {
        if (row.PricePerHourUsd is { } price && medians.TryGetValue(Group(row), out var median)
            && (price / row.Count < OutlierLow * median || price / row.Count > OutlierHigh * median))
        {
            Add(original, "outlier", PriceVerdict.Doubtful, $"{Money(price / row.Count)} per GPU is {price / row.Count / median:0.00} times the median {Money(median)} of this GPU at {row.Provider}; usual is 0.3 to 3.");
        }
    }

    private PriceRow? Reject(PriceRow row, string rule, string explanation)
    {
        Add(row, rule, PriceVerdict.Rejected, explanation + " The row is left out.");
        return null;
    }

    private void Add(PriceRow row, string rule, PriceVerdict verdict, string explanation) => _findings.Add(new PriceFinding(row, rule, verdict, explanation));

    private static int? Memory(PriceRow row) => row.GpuMemoryMib is { } mib ? mib < 1024 ? mib * 1024 : mib : null;

    private static string Money(decimal? value) => string.Create(CultureInfo.InvariantCulture, $"${value:0.####}");

    private static decimal Median(IEnumerable<decimal> values)
    {
        var sorted = values.Order().ToList();
        return (sorted[sorted.Count / 2] + sorted[(sorted.Count - 1) / 2]) / 2;
    }
}

/// <summary>What a check left and what it found.</summary>
/// <param name="Rows">The rows that are left, repaired.</param>
/// <param name="Findings">The defects, in the order of the rows.</param>
public sealed record PriceCheckResult(IReadOnlyList<PriceRow> Rows, IReadOnlyList<PriceFinding> Findings);
