using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Sightline.Augment;

/// <summary>
/// Affine maps of 8-bit RGB within the picture's own size; what comes from outside is black. The arithmetic is Pillow's, so the pixels
/// are the same, bit for bit.
/// </summary>
/// <remarks>Rules of Pillow 9.4, src/libImaging/Geometry.c: bilinear in double precision and cut, not rounded; nearest in 16.16 fixed point.</remarks>
internal static class AffineTransform
{
    /// <summary>Maps a picture.</summary>
    /// <param name="source">width x height x 3 bytes and at least one spare byte.</param>
    /// <param name="target">width x height x 3 bytes; not the source.</param>
    public static void Apply(ReadOnlySpan<byte> source, int width, int height, in AffineMatrix matrix, AffineSampling sampling, Span<byte> target)
    {
        if (sampling == AffineSampling.Bilinear)
        {
            Bilinear(source, width, height, matrix, target);
        }
        else if (matrix.B == 0 && matrix.D == 0)
        {
            NearestScaled(source, width, height, matrix, target);
        }
        else
        {
            Nearest(source, width, height, matrix, target);
        }
    }

    /// <summary>Copies a picture moved by whole pixels: what an affine map with a whole shift gives, without its arithmetic.</summary>
    public static void Shift(ReadOnlySpan<byte> source, int width, int height, int right, int down, Span<byte> target)
    {
        var count = width - Math.Abs(right);
        for (var y = 0; y < height; y++)
        {
            var row = target.Slice(y * width * 3, width * 3);
            row.Clear();
            if (count > 0 && y - down >= 0 && y - down < height)
            {
                source.Slice((((y - down) * width) + Math.Max(0, -right)) * 3, count * 3).CopyTo(row[(Math.Max(0, right) * 3)..]);
            }
        }
    }

    private static void Bilinear(ReadOnlySpan<byte> source, int width, int height, in AffineMatrix m, Span<byte> target)
    {
        ref var pixels = ref MemoryMarshal.GetReference(source);
        ref var result = ref MemoryMarshal.GetReference(target);
        var at = 0;
        var last = (width * height * 3) - 3;
        for (var y = 0; y < height; y++)
        {
            var yIn = y + 0.5;
            for (var x = 0; x < width; x++, at += 3)
            {
                var xIn = x + 0.5;
                var sx = (m.A * xIn) + (m.B * yIn) + m.C;
                var sy = (m.D * xIn) + (m.E * yIn) + m.F;
                uint pixel = 0;
                if (sx >= 0 && sx < width && sy >= 0 && sy < height)
                {
                    pixel = Read(ref pixels, width, height, sx - 0.5, sy - 0.5);
                }

                if (at < last)
                {
                    // The fourth byte is the next pixel's first, which is written next.
                    Unsafe.WriteUnaligned(ref Unsafe.Add(ref result, at), pixel);
                }
                else
                {
                    (target[at], target[at + 1], target[at + 2]) = ((byte)pixel, (byte)(pixel >> 8), (byte)(pixel >> 16));
                }
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static uint Read(ref byte pixels, int width, int height, double sx, double sy)
    {
        var x = sx < 0 ? -1 : (int)sx;
        var y = sy < 0 ? -1 : (int)sy;
        var (dx, dy) = (sx - x, sy - y);
        var (x0, x1) = (Math.Max(x, 0) * 3, Math.Min(x + 1, width - 1) * 3);
        var (y0, y1) = (Math.Max(y, 0) * width * 3, Math.Min(y + 1, height - 1) * width * 3);
        if (Avx.IsSupported)
        {
            var right = Vector256.Create(dx);
            var upper = Mix(Load(ref pixels, y0 + x0), Load(ref pixels, y0 + x1), right);
            var lower = Mix(Load(ref pixels, y1 + x0), Load(ref pixels, y1 + x1), right);
            var levels = Avx.ConvertToVector128Int32WithTruncation(Mix(upper, lower, Vector256.Create(dy)));
            return Vector128.Narrow(Vector128.Narrow(levels, levels).AsUInt16(), Vector128<ushort>.Zero).AsUInt32().ToScalar();
        }

        uint pixel = 0;
        for (var channel = 2; channel >= 0; channel--)
        {
            ref var own = ref Unsafe.Add(ref pixels, channel);
            var upper = Mix(Unsafe.Add(ref own, y0 + x0), Unsafe.Add(ref own, y0 + x1), dx);
            var lower = Mix(Unsafe.Add(ref own, y1 + x0), Unsafe.Add(ref own, y1 + x1), dx);
            pixel = (pixel << 8) | (byte)Mix(upper, lower, dy);
        }

        return pixel;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<double> Load(ref byte pixels, int at)
    {
        var four = Vector128.CreateScalarUnsafe(Unsafe.ReadUnaligned<uint>(ref Unsafe.Add(ref pixels, at))).AsByte();
        return Avx.ConvertToVector256Double(Vector128.WidenLower(Vector128.WidenLower(four)).AsInt32());
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<double> Mix(Vector256<double> a, Vector256<double> b, Vector256<double> share) => a + ((b - a) * share);

    private static double Mix(double a, double b, double share) => a + ((b - a) * share);

    private static void Nearest(ReadOnlySpan<byte> source, int width, int height, in AffineMatrix m, Span<byte> target)
    {
        var (stepX, stepY) = (Fixed(m.A), Fixed(m.D));
        var (rowX, rowY) = (Fixed(m.B), Fixed(m.E));
        var (startX, startY) = (Fixed(m.C + (m.A * 0.5) + (m.B * 0.5)), Fixed(m.F + (m.D * 0.5) + (m.E * 0.5)));
        target.Clear();
        for (var y = 0; y < height; y++)
        {
            var (atX, atY) = (startX, startY);
            for (var x = 0; x < width; x++)
            {
                var (sx, sy) = (atX >> 16, atY >> 16);
                if ((uint)sx < (uint)width && (uint)sy < (uint)height)
                {
                    Copy(source, (sy * width) + sx, target, (y * width) + x);
                }

                atX += stepX;
                atY += stepY;
            }

            startX += rowX;
            startY += rowY;
        }
    }

    private static void NearestScaled(ReadOnlySpan<byte> source, int width, int height, in AffineMatrix m, Span<byte> target)
    {
        target.Clear();
        var sy = m.F + (m.E * 0.5);
        for (var y = 0; y < height; y++, sy += m.E)
        {
            if (sy < 0 || (int)sy >= height)
            {
                continue;
            }

            // Positions are summed, not multiplied, as Pillow does; the sums' rounding decides at the borders between pixels.
            var sx = m.C + (m.A * 0.5);
            for (var x = 0; x < width; x++, sx += m.A)
            {
                if (sx >= 0 && (int)sx < width)
                {
                    Copy(source, ((int)sy * width) + (int)sx, target, (y * width) + x);
                }
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Copy(ReadOnlySpan<byte> source, int from, Span<byte> target, int to)
    {
        target[to * 3] = source[from * 3];
        target[(to * 3) + 1] = source[(from * 3) + 1];
        target[(to * 3) + 2] = source[(from * 3) + 2];
    }

    private static int Fixed(double value) => (int)Math.Floor((value * 65536.0) + 0.5);
}
