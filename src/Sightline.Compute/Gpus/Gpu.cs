using System.Globalization;
using System.Text.RegularExpressions;

namespace Sightline.Compute.Gpus;

/// <summary>One GPU as it is sold: a model with one memory size and one form.</summary>
/// <remarks>Peaks are the maker's dense figures. Models with several memory sizes or forms are several rows.</remarks>
public sealed record Gpu
{
    // The calibration rows of a 24 GiB card were fitted with this share; drivers and the display take the rest.
    private const double UsableShare = 0.98;

    /// <summary>How the command line names it, such as <c>a100-80-sxm</c>.</summary>
    public required string Id { get; init; }

    /// <summary>The full name, such as <c>A100 80 GB SXM</c>.</summary>
    public required string Name { get; init; }

    /// <summary>The model without size and form, such as <c>A100</c>.</summary>
    public required string Model { get; init; }

    /// <summary>Memory that the driver reports, MiB.</summary>
    public required int MemoryMib { get; init; }

    /// <summary>Memory bandwidth, GB (10^9 bytes) per second.</summary>
    public required double BandwidthGBps { get; init; }

    /// <summary>Peak of FP32 without tensor cores, TFLOPS.</summary>
    public required double Fp32Tflops { get; init; }

    /// <summary>Peak of TF32 on tensor cores, TFLOPS; null where the GPU has none.</summary>
    public double? Tf32Tflops { get; init; }

    /// <summary>Peak of FP16 on tensor cores, TFLOPS; null where the GPU has none.</summary>
    public double? Fp16Tflops { get; init; }

    /// <summary>Peak of BF16 on tensor cores, TFLOPS; null where the GPU has none.</summary>
    public double? Bf16Tflops { get; init; }

    /// <summary>CUDA compute capability.</summary>
    public required Version ComputeCapability { get; init; }

    /// <summary>Where the figures are from.</summary>
    public required string Source { get; init; }

    /// <summary>Why LibTorch 2.10, which Sightline uses, cannot use this GPU; null when it can.</summary>
    public string? Refusal => ComputeCapability.Major < 7
        ? string.Create(CultureInfo.InvariantCulture,
            $"{Name} has compute capability {ComputeCapability}; LibTorch 2.10 needs at least 7.0 (Pascal and older were dropped in 2.8). Choose a V100, T4, A100 or newer.")
        : null;

    /// <summary>Mixed precision on this GPU: <c>bf16</c>, or <c>fp16</c> with loss scaling where BF16 is missing.</summary>
    public string MixedPrecision => Bf16Tflops is null ? "fp16" : "bf16";

    /// <summary>Whether <c>fp32</c> multiplications may run as TF32.</summary>
    public bool HasTf32 => Tf32Tflops is not null;

    /// <summary>Bytes that a training process can have: 98 % of <see cref="MemoryMib"/>.</summary>
    public double UsableBytes => UsableShare * MemoryMib * (1 << 20);

    /// <summary>Names that providers use, after <see cref="GpuCatalog.Normalize"/>.</summary>
    internal Regex Pattern { get; init; } = new("(?!)");

    /// <summary>Names that are other cards' too: this one's only together with its size.</summary>
    internal Regex LoosePattern { get; init; } = new("(?!)");
}
