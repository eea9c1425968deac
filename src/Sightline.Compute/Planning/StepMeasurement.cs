using System.Text.Json.Serialization;

namespace Sightline.Compute.Planning;

/// <summary>Training steps of a job that were taken on a machine, by the clock.</summary>
public sealed record StepMeasurement
{
    /// <summary>What computed: the processor's name, or the GPU's as its driver gives it.</summary>
    public required string DeviceName { get; init; }

    /// <summary>Whether it was a GPU. A processor's times say nothing of a GPU's, so they are not carried over to any.</summary>
    public required bool IsGpu { get; init; }

    /// <summary>Id of the GPU in the catalogue; null for a processor, and for a GPU that the catalogue does not know.</summary>
    public string? GpuId { get; init; }

    /// <summary><c>fp32</c>, <c>bf16</c> or <c>fp16</c>.</summary>
    public required string Precision { get; init; }

    /// <summary>Pictures in a step.</summary>
    public required int Batch { get; init; }

    /// <summary>Steps that count.</summary>
    public required int Steps { get; init; }

    /// <summary>Steps before them, which do not.</summary>
    public required int WarmUp { get; init; }

    /// <summary>Median of the steps, milliseconds.</summary>
    public required double MedianMilliseconds { get; init; }

    /// <summary>The fastest step, milliseconds.</summary>
    public required double LowMilliseconds { get; init; }

    /// <summary>The slowest step, milliseconds.</summary>
    public required double HighMilliseconds { get; init; }

    /// <summary>Most memory of the process at once, bytes: on a GPU its own, context included; null where the driver does not tell.</summary>
    public double? PeakBytes { get; init; }

    /// <summary>Bytes that a picture more takes, from the peaks of two batches; null where they do not differ.</summary>
    public double? BytesPerPicture { get; init; }

    /// <summary>The largest batch that the machine's memory holds, by the two figures above; null where they are not known.</summary>
    public int? LargestBatch { get; init; }

    /// <summary>When, UTC.</summary>
    public required DateTimeOffset MeasuredAt { get; init; }

    /// <summary>Images per second at the median.</summary>
    [JsonIgnore]
    public double ImagesPerSecond => Batch * 1000 / MedianMilliseconds;

    /// <summary>Images per second of the slowest step.</summary>
    [JsonIgnore]
    public double LowImagesPerSecond => Batch * 1000 / HighMilliseconds;

    /// <summary>Images per second of the fastest step.</summary>
    [JsonIgnore]
    public double HighImagesPerSecond => Batch * 1000 / LowMilliseconds;

    /// <summary>Whether activations were of 16 bits.</summary>
    [JsonIgnore]
    public bool IsMixed => Precision != "fp32";

    /// <summary>What the process holds besides the pictures' share, bytes; null where it is not known.</summary>
    [JsonIgnore]
    public double? FixedBytes => PeakBytes - (BytesPerPicture * Batch) is { } rest and > 0 ? rest : null;

    /// <summary>What was measured, in a few words.</summary>
    [JsonIgnore]
    public string Words => FormattableString.Invariant($"measured here on {DeviceName}, {MeasuredAt.UtcDateTime:yyyy-MM-dd}: median of {Steps} steps of {Batch} pictures in {Precision}, after {WarmUp} to warm up");
}
