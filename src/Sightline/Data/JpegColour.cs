using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Sightline.Data;

/// <summary>From planes of samples to RGB rows: chroma upsampling and colour conversion, bit for bit those of libjpeg.</summary>
/// <remarks>
/// Upsampling is libjpeg's "fancy" triangle filter: each chroma sample is weighted 3:1 with its nearer neighbour, in each halved direction.
/// Colour: JFIF 1.02, page 3, in 16-bit fixed point.
/// </remarks>
internal sealed class JpegColour
{
    // Spare samples on both sides, for the neighbours of the first and of the last vector.
    private const int Margin = 32;

    private ushort[] _sums = [];
    private byte[] _blue = [];
    private byte[] _red = [];

    /// <summary>Makes room for rows of a width.</summary>
    public void Reserve(int width)
    {
        if (_blue.Length < width + (2 * Margin))
        {
            _sums = new ushort[width + (2 * Margin)];
            _blue = new byte[width + (2 * Margin)];
            _red = new byte[width + (2 * Margin)];
        }
    }

    /// <summary>Converts one row.</summary>
    /// <param name="luma">Width samples and up to 15 spare.</param>
    /// <param name="blue">The chroma plane Cb.</param>
    /// <param name="red">The chroma plane Cr.</param>
    /// <param name="y">The row.</param>
    /// <param name="target">Width x 3 bytes.</param>
    public void Convert(ReadOnlySpan<byte> luma, JpegPlane blue, JpegPlane red, int y, Span<byte> target)
    {
        var width = target.Length / 3;
        var b = Upsample(blue, y, _blue);
        var r = Upsample(red, y, _red);
        ref var lumas = ref MemoryMarshal.GetReference(luma);
        ref var output = ref MemoryMarshal.GetReference(target);
        var x = 0;
        // 16 pixels write 48 bytes.
        for (; x <= width - 16; x += 16)
        {
            Sixteen(ref Unsafe.Add(ref lumas, x), in b[x], in r[x], ref Unsafe.Add(ref output, x * 3));
        }

        for (; x < width; x++)
        {
            var (cb, cr) = (b[x] - 128, r[x] - 128);
            target[x * 3] = Clamp(luma[x] + (((91881 * cr) + 32768) >> 16));
            target[(x * 3) + 1] = Clamp(luma[x] + (((-22554 * cb) - (46802 * cr) + 32768) >> 16));
            target[(x * 3) + 2] = Clamp(luma[x] + (((116130 * cb) + 32768) >> 16));
        }
    }

    /// <summary>Repeats grey samples as R, G and B.</summary>
    public static void Grey(ReadOnlySpan<byte> luma, Span<byte> target)
    {
        for (var x = 0; x < target.Length / 3; x++)
        {
            target[x * 3] = target[(x * 3) + 1] = target[(x * 3) + 2] = luma[x];
        }
    }

    private ReadOnlySpan<byte> Upsample(JpegPlane plane, int y, byte[] row)
    {
        if (!plane.HalvesWidth)
        {
            return plane.Row(y);
        }

        var count = plane.Width;
        var sums = _sums.AsSpan(Margin);
        if (plane.HalvesHeight)
        {
            var near = y >> 1;
            var far = Math.Clamp((y & 1) == 0 ? near - 1 : near + 1, 0, plane.Height - 1);
            SumRows(plane.Row(near), plane.Row(far), sums[..count]);
        }
        else
        {
            SumRows(plane.Row(y), [], sums[..count]);
        }

        // With the edge sample repeated, libjpeg's special cases for the first and last pixel are the general formula.
        _sums[Margin - 1] = sums[0];
        sums[count] = sums[count - 1];
        var (roundEven, roundOdd, shift) = plane.HalvesHeight ? (8, 7, 4) : (1, 2, 2);
        ref var first = ref sums[0];
        ref var target = ref row[0];
        for (var i = 0; i < count; i += 8)
        {
            var here = Vector128.LoadUnsafe(ref first, (nuint)i);
            var before = Vector128.LoadUnsafe(ref Unsafe.Add(ref first, i - 1));
            var after = Vector128.LoadUnsafe(ref first, (nuint)i + 1);
            var triple = here + here + here;
            var even = (triple + before + Vector128.Create((ushort)roundEven)) >> shift;
            var odd = (triple + after + Vector128.Create((ushort)roundOdd)) >> shift;
            (even | (odd << 8)).AsByte().StoreUnsafe(ref target, (nuint)(i * 2));
        }

        return row;
    }

    // 3 x near + far, or the row itself where only the width is halved.
    private static void SumRows(ReadOnlySpan<byte> near, ReadOnlySpan<byte> far, Span<ushort> sums)
    {
        ref var nears = ref MemoryMarshal.GetReference(near);
        ref var target = ref MemoryMarshal.GetReference(sums);
        var i = 0;
        for (; i <= sums.Length - 16; i += 16)
        {
            var (low, high) = Vector128.Widen(Vector128.LoadUnsafe(ref nears, (nuint)i));
            if (!far.IsEmpty)
            {
                var (farLow, farHigh) = Vector128.Widen(Vector128.LoadUnsafe(ref MemoryMarshal.GetReference(far), (nuint)i));
                low = low + low + low + farLow;
                high = high + high + high + farHigh;
            }

            low.StoreUnsafe(ref target, (nuint)i);
            high.StoreUnsafe(ref target, (nuint)i + 8);
        }

        for (; i < sums.Length; i++)
        {
            sums[i] = far.IsEmpty ? near[i] : (ushort)((near[i] * 3) + far[i]);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Sixteen(ref byte luma, in byte blue, in byte red, ref byte target)
    {
        var lumas = Vector128.LoadUnsafe(ref luma);
        var (yl, yh) = Vector128.Widen(lumas);
        var (bl, bh) = Vector128.Widen(Vector128.LoadUnsafe(in blue));
        var (rl, rh) = Vector128.Widen(Vector128.LoadUnsafe(in red));
        var (red1, green1, blue1) = Eight(yl.AsInt16(), bl.AsInt16(), rl.AsInt16());
        var (red2, green2, blue2) = Eight(yh.AsInt16(), bh.AsInt16(), rh.AsInt16());
        Interleave(Pack(red1, red2), Pack(green1, green2), Pack(blue1, blue2), ref target);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static (Vector128<short> Red, Vector128<short> Green, Vector128<short> Blue) Eight(
        Vector128<short> luma, Vector128<short> blue, Vector128<short> red)
    {
        var centre = Vector128.Create((short)128);
        var (b1, b2) = Vector128.Widen(blue - centre);
        var (r1, r2) = Vector128.Widen(red - centre);
        var half = Vector128.Create(32768);
        var addRed = Vector128.Narrow(((r1 * 91881) + half) >> 16, ((r2 * 91881) + half) >> 16);
        var addGreen = Vector128.Narrow(
            (half - (b1 * 22554) - (r1 * 46802)) >> 16,
            (half - (b2 * 22554) - (r2 * 46802)) >> 16);
        var addBlue = Vector128.Narrow(((b1 * 116130) + half) >> 16, ((b2 * 116130) + half) >> 16);
        return (luma + addRed, luma + addGreen, luma + addBlue);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<byte> Pack(Vector128<short> low, Vector128<short> high)
    {
        var top = Vector128.Create((short)255);
        return Vector128.Narrow(
            Vector128.Min(Vector128.Max(low, Vector128<short>.Zero), top).AsUInt16(),
            Vector128.Min(Vector128.Max(high, Vector128<short>.Zero), top).AsUInt16());
    }

    // R0 G0 B0 R1 … : three vectors, each picking its bytes from the three channels; an index of 255 gives 0.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Interleave(Vector128<byte> r, Vector128<byte> g, Vector128<byte> b, ref byte target)
    {
        const byte Z = 255;
        var first =
            Vector128.Shuffle(r, Vector128.Create(0, Z, Z, 1, Z, Z, 2, Z, Z, 3, Z, Z, 4, Z, Z, 5)) |
            Vector128.Shuffle(g, Vector128.Create(Z, 0, Z, Z, 1, Z, Z, 2, Z, Z, 3, Z, Z, 4, Z, Z)) |
            Vector128.Shuffle(b, Vector128.Create(Z, Z, 0, Z, Z, 1, Z, Z, 2, Z, Z, 3, Z, Z, 4, Z));
        var second =
            Vector128.Shuffle(r, Vector128.Create(Z, Z, 6, Z, Z, 7, Z, Z, 8, Z, Z, 9, Z, Z, 10, Z)) |
            Vector128.Shuffle(g, Vector128.Create(5, Z, Z, 6, Z, Z, 7, Z, Z, 8, Z, Z, 9, Z, Z, 10)) |
            Vector128.Shuffle(b, Vector128.Create(Z, 5, Z, Z, 6, Z, Z, 7, Z, Z, 8, Z, Z, 9, Z, Z));
        var third =
            Vector128.Shuffle(r, Vector128.Create(Z, 11, Z, Z, 12, Z, Z, 13, Z, Z, 14, Z, Z, 15, Z, Z)) |
            Vector128.Shuffle(g, Vector128.Create(Z, Z, 11, Z, Z, 12, Z, Z, 13, Z, Z, 14, Z, Z, 15, Z)) |
            Vector128.Shuffle(b, Vector128.Create(10, Z, Z, 11, Z, Z, 12, Z, Z, 13, Z, Z, 14, Z, Z, 15));
        first.StoreUnsafe(ref target);
        second.StoreUnsafe(ref target, 16);
        third.StoreUnsafe(ref target, 32);
    }

    private static byte Clamp(int level) => (byte)Math.Clamp(level, 0, 255);
}
