using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Sightline.Data;

/// <summary>A rectangle of pixels.</summary>
internal readonly record struct Box(int X, int Y, int Width, int Height);

/// <summary>
/// Antialiased resampling of 8-bit RGB with the arithmetic of Pillow: weights in 22-bit fixed point, first along rows, then along
/// columns, rounded to 8 bits in between. The pixels are the same, bit for bit. One per thread: it keeps its buffers.
/// </summary>
/// <remarks>
/// The filter is widened by the scale when shrinking, so every source pixel counts; that is what torchvision calls antialias.
/// The rules (support, rounding, clipping of the window to the picture) are those of Pillow 9.4, file src/libImaging/Resample.c.
/// </remarks>
internal sealed class Resampler
{
    // 32 bits of accumulator, less 8 for the pixel, less 2 for the filter's overshoot and the sign.
    private const int PrecisionBits = 32 - 8 - 2;

    // Vector loads take 4 bytes where 3 belong to the pixel; the rows of the buffers below end with this many spare bytes.
    private const int Slack = 16;

    private readonly Taps _columns = new();
    private readonly Taps _rows = new();
    private byte[] _between = [];

    /// <summary>
    /// Cuts <paramref name="crop"/> out of a picture, resizes the cut to <paramref name="width"/> x <paramref name="height"/> and writes
    /// the part <paramref name="part"/> of the result; pixels outside the crop have no influence.
    /// </summary>
    /// <param name="source">Pixels, R G B.</param>
    /// <param name="stride">Bytes from one source row to the next.</param>
    /// <param name="crop">Inside the picture.</param>
    /// <param name="width">Width of the whole result.</param>
    /// <param name="height">Height of the whole result.</param>
    /// <param name="part">What is computed of the result.</param>
    /// <param name="interpolation">The filter.</param>
    /// <param name="target">part.Width x part.Height x 3 bytes.</param>
    public void Resize(
        ReadOnlySpan<byte> source, int stride, Box crop, int width, int height, Box part, Interpolation interpolation, Span<byte> target)
    {
        var first = (crop.Y * stride) + (crop.X * 3);
        var cut = source[first..(first + ((crop.Height - 1) * stride) + (crop.Width * 3))];
        var horizontal = crop.Width != width;
        var vertical = crop.Height != height;
        if (vertical)
        {
            _rows.Compute(crop.Height, height, part.Y, part.Height, interpolation);
        }

        var top = vertical ? _rows.First : part.Y;
        var rowCount = vertical ? _rows.End - top : part.Height;
        if (!horizontal && !vertical)
        {
            CopyRows(cut, stride, part, target);
            return;
        }

        if (!vertical)
        {
            _columns.Compute(crop.Width, width, part.X, part.Width, interpolation);
            AlongRows(cut, stride, top, rowCount, part.Width, target);
            return;
        }

        if (!horizontal)
        {
            AlongColumns(cut[(part.X * 3)..], stride, 0, part, target);
            return;
        }

        var needed = (rowCount * part.Width * 3) + Slack;
        if (_between.Length < needed)
        {
            _between = GC.AllocateUninitializedArray<byte>(needed + (needed / 4));
        }

        _columns.Compute(crop.Width, width, part.X, part.Width, interpolation);
        AlongRows(cut, stride, top, rowCount, part.Width, _between);
        AlongColumns(_between, part.Width * 3, top, part, target);
    }

    private static void CopyRows(ReadOnlySpan<byte> cut, int stride, Box part, Span<byte> target)
    {
        for (var y = 0; y < part.Height; y++)
        {
            cut.Slice(((part.Y + y) * stride) + (part.X * 3), part.Width * 3).CopyTo(target[(y * part.Width * 3)..]);
        }
    }

    private void AlongRows(ReadOnlySpan<byte> cut, int stride, int top, int rowCount, int outWidth, Span<byte> target)
    {
        for (var y = 0; y < rowCount; y++)
        {
            var row = cut[((top + y) * stride)..];
            RowPass(row, target.Slice(y * outWidth * 3, outWidth * 3), _columns);
        }
    }

    // Each result pixel is one vector of 4 sums (R, G, B and a byte of the next pixel, which is thrown away).
    private static void RowPass(ReadOnlySpan<byte> row, Span<byte> target, Taps taps)
    {
        ref var pixels = ref MemoryMarshal.GetReference(row);
        ref var weights = ref MemoryMarshal.GetArrayDataReference(taps.Weights);
        var safe = row.Length - 4;
        var rounding = Vector128.Create(1 << (PrecisionBits - 1));
        for (var x = 0; x < taps.Count; x++)
        {
            var start = taps.Starts[x];
            var count = taps.Lengths[x];
            ref var weight = ref Unsafe.Add(ref weights, x * taps.Stride);
            var sum = rounding;
            var offset = start * 3;
            var i = 0;
            for (; i < count && offset <= safe; i++, offset += 3)
            {
                var four = Unsafe.ReadUnaligned<uint>(ref Unsafe.Add(ref pixels, offset));
                var wide = Vector128.WidenLower(Vector128.WidenLower(Vector128.CreateScalarUnsafe(four).AsByte())).AsInt32();
                sum += wide * Vector128.Create(Unsafe.Add(ref weight, i));
            }

            for (; i < count; i++, offset += 3)
            {
                var wide = Vector128.Create(row[offset], row[offset + 1], row[offset + 2], 0);
                sum += wide * Vector128.Create(Unsafe.Add(ref weight, i));
            }

            var level = Vector128.Min(Vector128.Max(sum >> PrecisionBits, Vector128<int>.Zero), Vector128.Create(255));
            target[x * 3] = (byte)level.GetElement(0);
            target[(x * 3) + 1] = (byte)level.GetElement(1);
            target[(x * 3) + 2] = (byte)level.GetElement(2);
        }
    }

    private void AlongColumns(ReadOnlySpan<byte> rows, int stride, int top, Box part, Span<byte> target)
    {
        var length = part.Width * 3;
        for (var y = 0; y < part.Height; y++)
        {
            var weights = _rows.Weights.AsSpan(y * _rows.Stride, _rows.Lengths[y]);
            ColumnPass(rows[((_rows.Starts[y] - top) * stride)..], stride, weights, target.Slice(y * length, length));
        }
    }

    private static void ColumnPass(ReadOnlySpan<byte> rows, int stride, ReadOnlySpan<int> weights, Span<byte> target)
    {
        ref var source = ref MemoryMarshal.GetReference(rows);
        ref var result = ref MemoryMarshal.GetReference(target);
        var rounding = Vector128.Create(1 << (PrecisionBits - 1));
        var x = 0;
        for (; x <= target.Length - 16; x += 16)
        {
            var (a, b, c, d) = (rounding, rounding, rounding, rounding);
            for (var i = 0; i < weights.Length; i++)
            {
                var weight = Vector128.Create(weights[i]);
                var bytes = Vector128.LoadUnsafe(ref source, (nuint)((i * stride) + x));
                var (low, high) = Vector128.Widen(bytes);
                var (p, q) = Vector128.Widen(low);
                var (r, s) = Vector128.Widen(high);
                a += p.AsInt32() * weight;
                b += q.AsInt32() * weight;
                c += r.AsInt32() * weight;
                d += s.AsInt32() * weight;
            }

            Vector128.Narrow(
                Vector128.Narrow(Clip(a), Clip(b)).AsUInt16(),
                Vector128.Narrow(Clip(c), Clip(d)).AsUInt16()).StoreUnsafe(ref result, (nuint)x);
        }

        for (; x < target.Length; x++)
        {
            var sum = 1 << (PrecisionBits - 1);
            for (var i = 0; i < weights.Length; i++)
            {
                sum += rows[(i * stride) + x] * weights[i];
            }

            target[x] = (byte)Math.Clamp(sum >> PrecisionBits, 0, 255);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<int> Clip(Vector128<int> sum) =>
        Vector128.Min(Vector128.Max(sum >> PrecisionBits, Vector128<int>.Zero), Vector128.Create(255));

    /// <summary>For each result position: the window of source positions and their weights.</summary>
    private sealed class Taps
    {
        private double[] _window = [];

        public int[] Starts { get; private set; } = [];

        public int[] Lengths { get; private set; } = [];

        /// <summary>Weights of position i begin at i x Stride.</summary>
        public int[] Weights { get; private set; } = [];

        public int Stride { get; private set; }

        public int Count { get; private set; }

        /// <summary>First source position used.</summary>
        public int First { get; private set; }

        /// <summary>One past the last source position used.</summary>
        public int End { get; private set; }

        public void Compute(int inSize, int outSize, int outFirst, int outCount, Interpolation interpolation)
        {
            var scale = (double)inSize / outSize;
            var filterScale = Math.Max(scale, 1.0);
            var support = Support(interpolation) * filterScale;
            var inverse = 1.0 / filterScale;
            Count = outCount;
            Stride = ((int)Math.Ceiling(support) * 2) + 1;
            Reserve();
            First = int.MaxValue;
            End = 0;
            for (var i = 0; i < outCount; i++)
            {
                var centre = (outFirst + i + 0.5) * scale;
                var start = Math.Max((int)(centre - support + 0.5), 0);
                var length = Math.Min((int)(centre + support + 0.5), inSize) - start;
                Starts[i] = start;
                Lengths[i] = length;
                First = Math.Min(First, start);
                End = Math.Max(End, start + length);
                FillWeights(i * Stride, start, length, centre, inverse, interpolation);
            }
        }

        private void FillWeights(int at, int start, int length, double centre, double inverse, Interpolation interpolation)
        {
            var total = 0.0;
            for (var j = 0; j < length; j++)
            {
                var distance = Math.Abs((j + start - centre + 0.5) * inverse);
                var weight = interpolation switch
                {
                    Interpolation.Bilinear => Triangle(distance),
                    Interpolation.Bicubic => Cubic(distance),
                    _ => Lanczos(distance),
                };
                _window[j] = weight;
                total += weight;
            }

            for (var j = 0; j < length; j++)
            {
                var weight = total != 0 ? _window[j] / total : _window[j];
                Weights[at + j] = (int)((weight < 0 ? -0.5 : 0.5) + (weight * (1 << PrecisionBits)));
            }
        }

        private void Reserve()
        {
            if (Starts.Length < Count)
            {
                Starts = new int[Count];
                Lengths = new int[Count];
            }

            if (Weights.Length < Count * Stride)
            {
                Weights = new int[Count * Stride * 5 / 4];
            }

            if (_window.Length < Stride)
            {
                _window = new double[Stride];
            }
        }

        private static double Triangle(double x) => x < 1 ? 1 - x : 0;

        // Keys 1981 with a = -0.5.
        private static double Cubic(double x) => x switch
        {
            < 1 => ((((-0.5 + 2) * x) - (-0.5 + 3)) * x * x) + 1,
            < 2 => ((((x - 5) * x) + 8) * x - 4) * -0.5,
            _ => 0,
        };

        private static double Lanczos(double x) => x < 3 ? Sinc(x) * Sinc(x / 3) : 0;

        private static double Sinc(double x) => x == 0 ? 1 : Math.Sin(x * Math.PI) / (x * Math.PI);

        private static double Support(Interpolation interpolation) => interpolation switch
        {
            Interpolation.Bilinear => 1,
            Interpolation.Bicubic => 2,
            _ => 3,
        };
    }
}
