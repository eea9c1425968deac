namespace Sightline.Compute.Offers;

/// <summary>Which offers are wanted. Every default lets all pass.</summary>
public sealed record OfferQuery
{
    /// <summary>Providers' ids; empty takes all.</summary>
    public IReadOnlyList<string> Providers { get; init; } = [];

    /// <summary>Ids of GPUs, or beginnings of them such as <c>a100</c>; empty takes all.</summary>
    public IReadOnlyList<string> Gpus { get; init; } = [];

    /// <summary>Part of the region's name, in any case; null takes all.</summary>
    public string? Region { get; init; }

    /// <summary>Number of GPUs of the machine; null takes any.</summary>
    public int? GpuCount { get; init; }

    /// <summary>Least memory of one GPU, GiB; null takes any.</summary>
    public double? MinimumMemoryGib { get; init; }

    /// <summary>A precision that the GPU must have: <c>fp32</c>, <c>tf32</c>, <c>fp16</c> or <c>bf16</c>; null takes any.</summary>
    public string? Precision { get; init; }

    /// <summary>True for spot alone, false for on-demand alone, null for both.</summary>
    public bool? IsSpot { get; init; }

    /// <summary>Highest price of the machine, USD per hour; null takes any.</summary>
    public decimal? MaximumPricePerHourUsd { get; init; }

    /// <summary>Whether an offer passes.</summary>
    /// <param name="offer">The offer.</param>
    /// <exception cref="ComputeException"><see cref="Precision"/> is unknown.</exception>
    public bool Admits(Offer offer) =>
        (Providers.Count == 0 || Providers.Contains(offer.Provider, StringComparer.OrdinalIgnoreCase))
        && (Gpus.Count == 0 || Gpus.Any(id => offer.Gpu.Id.StartsWith(id, StringComparison.OrdinalIgnoreCase)))
        && (Region is null || offer.Region.Contains(Region, StringComparison.OrdinalIgnoreCase))
        && (GpuCount is null || offer.GpuCount == GpuCount)
        && (MinimumMemoryGib is null || offer.Gpu.MemoryMib >= 0.93 * 1024 * MinimumMemoryGib) // Drivers report a little less than the size sold.
        && (IsSpot is null || offer.IsSpot == IsSpot)
        && (MaximumPricePerHourUsd is null || offer.PricePerHourUsd <= MaximumPricePerHourUsd)
        && HasPrecision(offer);

    private bool HasPrecision(Offer offer) => Precision?.ToLowerInvariant() switch
    {
        null or "fp32" => true,
        "tf32" => offer.Gpu.Tf32Tflops is not null,
        "fp16" => offer.Gpu.Fp16Tflops is not null,
        "bf16" => offer.Gpu.Bf16Tflops is not null,
        _ => throw new ComputeException(ComputeTrouble.Usage, $"The precision is '{Precision}'; it must be fp32, tf32, fp16 or bf16."),
    };
}
