using System.Text.Json;

namespace Sightline.Compute.Planning;

/// <summary>The fitted figures that ship with the product; <c>tests/golden/throughput.py</c> makes the file.</summary>
internal sealed record Calibration
{
    /// <summary>The figures in use.</summary>
    public static Calibration Current { get; } = Read();

    public required DateOnly Made { get; init; }

    public required IReadOnlyList<string> Sources { get; init; }

    public required SpeedFit Speed { get; init; }

    public required MemoryFit Memory { get; init; }

    public required GpuFit Gpus { get; init; }

    private static Calibration Read()
    {
        using var stream = typeof(Calibration).Assembly.GetManifestResourceStream("calibration.json")!; // Embedded by the project file.
        return JsonSerializer.Deserialize<Calibration>(stream, JsonSerializerOptions.Web)!; // The file is an object.
    }
}

/// <summary>Milliseconds per picture on an RTX 3090 with mixed precision, from the model's costs.</summary>
internal sealed record SpeedFit
{
    public required int Rows { get; init; }

    public required int Families { get; init; }

    public required double MillisecondsPerGigaMac { get; init; }

    public required double MillisecondsPerMegaActivation { get; init; }

    /// <summary>More per million activations where each block is multiplied by a gate (squeeze-excitation).</summary>
    public required double ExtraGated { get; init; }

    /// <summary>More per million activations where the activation function is no ReLU (SiLU, hard swish, GELU).</summary>
    public required double ExtraSmooth { get; init; }

    public required IReadOnlyDictionary<string, double> FamilyFactors { get; init; }

    /// <summary>Truth over estimate, 5th and 95th percentile, where the family is known.</summary>
    public required IReadOnlyList<double> TimeRangeKnownFamily { get; init; }

    /// <summary>The same where it is not.</summary>
    public required IReadOnlyList<double> TimeRangeOtherFamily { get; init; }
}

/// <summary>Bytes per convolution output element that a mixed-precision training step holds, per kind of block.</summary>
internal sealed record MemoryFit
{
    public required int Rows { get; init; }

    public required double ContextBytes { get; init; }

    public required IReadOnlyDictionary<string, double> BytesPerActivation { get; init; }

    /// <summary>How many rows each kind was fitted to.</summary>
    public required IReadOnlyDictionary<string, int> RowsOf { get; init; }

    /// <summary>Nine of ten rows lie above this share of the estimate.</summary>
    public required double RangeLow { get; init; }

    public required double Median { get; init; }

    /// <summary>What an estimate is multiplied with before a batch is said to fit: 10 %, and more the fewer rows its kind was fitted to.</summary>
    /// <remarks>0.6 is the least that leaves no false "fits" when each row is predicted from the others of its kind.</remarks>
    public static double Margin(int rows) => 1.1 + (0.6 / rows);
}

/// <summary>ResNet-50's speed across GPUs: ln(images/s) = intercept + exponents x ln(GB/s), ln(FP32 TFLOPS).</summary>
internal sealed record GpuFit
{
    public required double Intercept { get; init; }

    public required double BandwidthExponent { get; init; }

    public required double Fp32Exponent { get; init; }

    public required IReadOnlyList<MeasuredGpu> Resnet50 { get; init; }
}

/// <summary>One row of the Lambda benchmark: ResNet-50, images per second.</summary>
internal sealed record MeasuredGpu
{
    public required string Gpu { get; init; }

    public required double Bandwidth { get; init; }

    public required double Fp32Tflops { get; init; }

    public required double Mixed { get; init; }

    public required double Single { get; init; }
}
