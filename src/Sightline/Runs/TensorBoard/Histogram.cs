using System.Runtime.InteropServices;
using TorchSharp;
using static TorchSharp.torch;

namespace Sightline.Runs.TensorBoard;

/// <summary>How a tensor's values are spread, as TensorBoard's histogram wants it (tensorflow/core/framework/summary.proto, HistogramProto).</summary>
internal sealed record Histogram
{
    // As many as TensorBoard draws by default (tensorboard/plugins/histogram/summary_v2.py).
    private const int Bins = 30;

    public required double Least { get; init; }

    public required double Most { get; init; }

    public required double Count { get; init; }

    public required double Sum { get; init; }

    public required double Squares { get; init; }

    /// <summary>Right end of each bin, the last included in it.</summary>
    public required IReadOnlyList<double> Limits { get; init; }

    /// <summary>Values in each bin.</summary>
    public required IReadOnlyList<double> Counts { get; init; }

    /// <summary>Counts a tensor's finite values.</summary>
    /// <param name="tensor">float32, any shape and device.</param>
    /// <returns>Null where no value is finite.</returns>
    public static Histogram? Of(Tensor tensor)
    {
        using var noGrad = no_grad();
        using var scope = NewDisposeScope();
        return Of(MemoryMarshal.Cast<byte, float>(tensor.detach().to(ScalarType.Float32).cpu().contiguous().bytes));
    }

    private static Histogram? Of(ReadOnlySpan<float> values)
    {
        var (least, most, count, sum, squares) = (double.PositiveInfinity, double.NegativeInfinity, 0L, 0.0, 0.0);
        foreach (var value in values)
        {
            if (float.IsFinite(value))
            {
                least = Math.Min(least, value);
                most = Math.Max(most, value);
                sum += value;
                squares += (double)value * value;
                count++;
            }
        }

        if (count == 0)
        {
            return null;
        }

        var width = (most - least) / Bins;
        var counts = new double[width > 0 ? Bins : 1];
        foreach (var value in values)
        {
            if (float.IsFinite(value))
            {
                counts[width > 0 ? Math.Min((int)((value - least) / width), Bins - 1) : 0]++;
            }
        }

        return new Histogram
        {
            Least = least,
            Most = most,
            Count = count,
            Sum = sum,
            Squares = squares,
            Limits = counts.Select((_, i) => i == counts.Length - 1 ? most : least + (width * (i + 1))).ToList(),
            Counts = counts,
        };
    }
}
