using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Sightline.Augment;

/// <summary>Operators that mix each pixel with its neighbours. They work in place on 8-bit RGB.</summary>
internal static class SmoothingOperators
{
    // n / 26 for n up to 2 x 13 x 255 + 13 is (n x 40330) >> 20, exactly.
    private const int InverseOf26 = 40330;

    /// <summary>Mixes with the smoothed picture. Factor 0 is smooth, 1 the picture, above 1 sharper.</summary>
    /// <remarks>
    /// Pillow 9.4, ImageFilter.SMOOTH: 3 x 3 with weight 5 in the centre and 1 around it, divided by 13; the border stays as it is.
    /// No sum of that kernel lies nearer than 0.03 to where rounding turns, so whole numbers give Pillow's pixels, bit for bit.
    /// </remarks>
    public static void Sharpness(Span<byte> image, int width, int height, double factor, OperatorScratch scratch)
    {
        var source = scratch.Copy(image);
        var stride = width * 3;
        for (var y = 1; y < height - 1; y++)
        {
            SharpenRow(ref source[y * stride], stride, image.Slice(y * stride, stride), (float)factor);
        }
    }

    /// <summary>Gaussian blur; the border is continued by reflection.</summary>
    /// <param name="radius">Half of the kernel's size without its centre, pixels; made smaller where the picture is.</param>
    /// <param name="sigma">Standard deviation, pixels; above 0.</param>
    /// <remarks>
    /// torchvision 0.14.1, functional_tensor.py, gaussian_blur, which multiplies by the two-dimensional kernel; one dimension after the
    /// other gives the same but for the last bits, so a level may differ by 1 where the exact value is half-way.
    /// </remarks>
    public static void Blur(Span<byte> image, int width, int height, int radius, double sigma, OperatorScratch scratch)
    {
        var reach = Math.Min(radius, Math.Min(width, height) - 1);
        if (reach < 1)
        {
            return;
        }

        Span<float> kernel = stackalloc float[(2 * reach) + 1];
        Gaussian(kernel, reach, sigma);
        var stride = width * 3;
        var padded = stride + (6 * reach);
        var numbers = scratch.Floats((stride * height) + padded + stride);
        var between = numbers[..(stride * height)];
        var row = numbers.Slice(stride * height, padded);
        for (var y = 0; y < height; y++)
        {
            Pad(image.Slice(y * stride, stride), width, reach, row);
            Weigh(row, 3, kernel, between.Slice(y * stride, stride));
        }

        BlurColumns(between, stride, height, kernel, numbers[((stride * height) + padded)..], image);
    }

    private static void SharpenRow(ref byte source, int stride, Span<byte> target, float factor)
    {
        ref var result = ref MemoryMarshal.GetReference(target);
        var factors = Vector256.Create(factor);
        var i = 3;
        for (; i <= stride - 3 - 8; i += 8)
        {
            var centre = Wide(ref source, i);
            var sum = (centre << 2) + Row(ref source, i - stride) + Row(ref source, i) + Row(ref source, i + stride);
            var smooth = ((((sum << 1) + Vector256.Create(13)) * Vector256.Create(InverseOf26)) >> 20);
            var degenerate = Vector256.ConvertToSingle(smooth);
            var value = degenerate + (factors * (Vector256.ConvertToSingle(centre) - degenerate));
            var level = Vector256.ConvertToInt32Native(Vector256.Min(Vector256.Max(value, Vector256<float>.Zero), Vector256.Create(255f)));
            var words = Vector128.Narrow(level.GetLower(), level.GetUpper()).AsUInt16();
            Unsafe.WriteUnaligned(ref Unsafe.Add(ref result, i), Vector128.Narrow(words, words).AsUInt64().ToScalar());
        }

        for (; i < stride - 3; i++)
        {
            var centre = Unsafe.Add(ref source, i);
            var sum = 4 * centre;
            for (var dy = -stride; dy <= stride; dy += stride)
            {
                sum += Unsafe.Add(ref source, i + dy - 3) + Unsafe.Add(ref source, i + dy) + Unsafe.Add(ref source, i + dy + 3);
            }

            var smooth = ((2 * sum) + 13) / 26;
            var value = smooth + (factor * (centre - smooth));
            target[i] = value <= 0 ? (byte)0 : value >= 255 ? (byte)255 : (byte)value;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<int> Row(ref byte source, int at) => Wide(ref source, at - 3) + Wide(ref source, at) + Wide(ref source, at + 3);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<int> Wide(ref byte source, int at)
    {
        var eight = Vector128.CreateScalarUnsafe(Unsafe.ReadUnaligned<ulong>(ref Unsafe.Add(ref source, at))).AsByte();
        var (low, high) = Vector128.Widen(Vector128.WidenLower(eight));
        return Vector256.Create(low, high).AsInt32();
    }

    private static void Gaussian(Span<float> kernel, int radius, double sigma)
    {
        var sum = 0f;
        for (var i = 0; i < kernel.Length; i++)
        {
            var x = (float)((i - radius) / sigma);
            kernel[i] = MathF.Exp(-0.5f * x * x);
            sum += kernel[i];
        }

        for (var i = 0; i < kernel.Length; i++)
        {
            kernel[i] /= sum;
        }
    }

    private static void Pad(ReadOnlySpan<byte> row, int width, int reach, Span<float> padded)
    {
        for (var x = -reach; x < width + reach; x++)
        {
            var from = 3 * Reflect(x, width);
            var to = 3 * (x + reach);
            (padded[to], padded[to + 1], padded[to + 2]) = (row[from], row[from + 1], row[from + 2]);
        }
    }

    // The border pixel itself is not repeated.
    private static int Reflect(int at, int size) => at < 0 ? -at : at >= size ? (2 * (size - 1)) - at : at;

    // result[i] = sum of kernel[k] x row[i + k x step]
    private static void Weigh(ReadOnlySpan<float> row, int step, ReadOnlySpan<float> kernel, Span<float> result)
    {
        var i = 0;
        for (; i <= result.Length - Vector<float>.Count; i += Vector<float>.Count)
        {
            var sum = Vector<float>.Zero;
            for (var k = 0; k < kernel.Length; k++)
            {
                sum += new Vector<float>(row[(i + (k * step))..]) * kernel[k];
            }

            sum.CopyTo(result[i..]);
        }

        for (; i < result.Length; i++)
        {
            var sum = 0f;
            for (var k = 0; k < kernel.Length; k++)
            {
                sum += row[i + (k * step)] * kernel[k];
            }

            result[i] = sum;
        }
    }

    private static void BlurColumns(ReadOnlySpan<float> rows, int stride, int height, ReadOnlySpan<float> kernel, Span<float> sums, Span<byte> image)
    {
        var reach = kernel.Length / 2;
        for (var y = 0; y < height; y++)
        {
            sums[..stride].Clear();
            for (var k = 0; k < kernel.Length; k++)
            {
                Add(rows.Slice(Reflect(y + k - reach, height) * stride, stride), kernel[k], sums);
            }

            Round(sums, image.Slice(y * stride, stride));
        }
    }

    private static void Add(ReadOnlySpan<float> row, float weight, Span<float> sums)
    {
        var i = 0;
        for (; i <= row.Length - Vector<float>.Count; i += Vector<float>.Count)
        {
            (new Vector<float>(sums[i..]) + (new Vector<float>(row[i..]) * weight)).CopyTo(sums[i..]);
        }

        for (; i < row.Length; i++)
        {
            sums[i] += row[i] * weight;
        }
    }

    // Halves to even, as torch.round.
    private static void Round(ReadOnlySpan<float> sums, Span<byte> row)
    {
        ref var numbers = ref MemoryMarshal.GetReference(sums);
        ref var levels = ref MemoryMarshal.GetReference(row);
        var i = 0;
        for (; i <= row.Length - 16; i += 16)
        {
            var low = Vector256.Round(Vector256.LoadUnsafe(ref numbers, (nuint)i));
            var high = Vector256.Round(Vector256.LoadUnsafe(ref numbers, (nuint)i + 8));
            Blend.Store(low, high, ref levels, i);
        }

        for (; i < row.Length; i++)
        {
            row[i] = (byte)Math.Clamp((int)MathF.Round(sums[i]), 0, 255);
        }
    }
}
