using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;

namespace Sightline.Data;

/// <summary>The inverse cosine transform of an 8 x 8 block, bit for bit that of libjpeg's accurate integer method ("islow").</summary>
/// <remarks>
/// Loeffler, Ligtenberg and Moschytz 1989, figure 1, with 12 multiplications; constants with 13 fraction bits, 2 more bits kept between the
/// passes, as libjpeg's jidctint documents.
/// </remarks>
internal static class JpegTransform
{
    private const int ConstBits = 13;
    private const int PassBits = 2;

    /// <summary>Transforms a block into a plane of samples.</summary>
    /// <param name="block">64 dequantised coefficients in natural order.</param>
    /// <param name="plane">Where the block's first sample goes.</param>
    /// <param name="stride">Bytes from one row to the next.</param>
    public static void Inverse(ref int block, ref byte plane, int stride)
    {
        var r0 = Vector256.LoadUnsafe(ref block);
        var r1 = Vector256.LoadUnsafe(ref block, 8);
        var r2 = Vector256.LoadUnsafe(ref block, 16);
        var r3 = Vector256.LoadUnsafe(ref block, 24);
        var r4 = Vector256.LoadUnsafe(ref block, 32);
        var r5 = Vector256.LoadUnsafe(ref block, 40);
        var r6 = Vector256.LoadUnsafe(ref block, 48);
        var r7 = Vector256.LoadUnsafe(ref block, 56);
        Pass(ref r0, ref r1, ref r2, ref r3, ref r4, ref r5, ref r6, ref r7, ConstBits - PassBits);
        var (s0, s1, s2, s3) = (Narrow(r0), Narrow(r1), Narrow(r2), Narrow(r3));
        var (s4, s5, s6, s7) = (Narrow(r4), Narrow(r5), Narrow(r6), Narrow(r7));
        Transpose(ref s0, ref s1, ref s2, ref s3, ref s4, ref s5, ref s6, ref s7);
        (r0, r1, r2, r3) = (Widen(s0), Widen(s1), Widen(s2), Widen(s3));
        (r4, r5, r6, r7) = (Widen(s4), Widen(s5), Widen(s6), Widen(s7));
        Pass(ref r0, ref r1, ref r2, ref r3, ref r4, ref r5, ref r6, ref r7, ConstBits + PassBits + 3);
        (s0, s1, s2, s3) = (Narrow(r0), Narrow(r1), Narrow(r2), Narrow(r3));
        (s4, s5, s6, s7) = (Narrow(r4), Narrow(r5), Narrow(r6), Narrow(r7));
        Transpose(ref s0, ref s1, ref s2, ref s3, ref s4, ref s5, ref s6, ref s7);
        Store(s0, s1, ref plane, stride);
        Store(s2, s3, ref Unsafe.Add(ref plane, 2 * stride), stride);
        Store(s4, s5, ref Unsafe.Add(ref plane, 4 * stride), stride);
        Store(s6, s7, ref Unsafe.Add(ref plane, 6 * stride), stride);
    }

    /// <summary>The same for a block whose only coefficient is the first.</summary>
    public static void InverseFlat(int first, ref byte plane, int stride)
    {
        var level = (byte)Math.Clamp((((first << PassBits) + (1 << (PassBits + 2))) >> (PassBits + 3)) + 128, 0, 255);
        var eight = level * 0x0101010101010101UL;
        for (var y = 0; y < 8; y++)
        {
            Unsafe.WriteUnaligned(ref Unsafe.Add(ref plane, y * stride), eight);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Pass(
        ref Vector256<int> r0, ref Vector256<int> r1, ref Vector256<int> r2, ref Vector256<int> r3,
        ref Vector256<int> r4, ref Vector256<int> r5, ref Vector256<int> r6, ref Vector256<int> r7, int shift)
    {
        // Even part.
        var z1 = (r2 + r6) * 4433;                   // 0.541196100
        var even2 = z1 - (r6 * 15137);               // 1.847759065
        var even3 = z1 + (r2 * 6270);                // 0.765366865
        var rounding = Vector256.Create(1 << (shift - 1));
        var even0 = ((r0 + r4) << ConstBits) + rounding;
        var even1 = ((r0 - r4) << ConstBits) + rounding;
        var (t10, t13) = (even0 + even3, even0 - even3);
        var (t11, t12) = (even1 + even2, even1 - even2);

        // Odd part.
        var z3 = r7 + r3;
        var z4 = r5 + r1;
        var z5 = (z3 + z4) * 9633;                   // 1.175875602
        var y1 = (r7 + r1) * -7373;                  // 0.899976223
        var y2 = (r5 + r3) * -20995;                 // 2.562915447
        z3 = (z3 * -16069) + z5;                     // 1.961570560
        z4 = (z4 * -3196) + z5;                      // 0.390180644
        var o0 = (r7 * 2446) + y1 + z3;              // 0.298631336
        var o1 = (r5 * 16819) + y2 + z4;             // 2.053119869
        var o2 = (r3 * 25172) + y2 + z3;             // 3.072711026
        var o3 = (r1 * 12299) + y1 + z4;             // 1.501321110

        r0 = (t10 + o3) >> shift;
        r7 = (t10 - o3) >> shift;
        r1 = (t11 + o2) >> shift;
        r6 = (t11 - o2) >> shift;
        r2 = (t12 + o1) >> shift;
        r5 = (t12 - o1) >> shift;
        r3 = (t13 + o0) >> shift;
        r4 = (t13 - o0) >> shift;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<short> Narrow(Vector256<int> wide) => Vector128.NarrowWithSaturation(wide.GetLower(), wide.GetUpper());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<int> Widen(Vector128<short> narrow)
    {
        var (low, high) = Vector128.Widen(narrow);
        return Vector256.Create(low, high);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store(Vector128<short> upper, Vector128<short> lower, ref byte plane, int stride)
    {
        var centre = Vector128.Create((short)128);
        var top = Vector128.Create((short)255);
        var a = Vector128.Min(Vector128.Max(Vector128.AddSaturate(upper, centre), Vector128<short>.Zero), top);
        var b = Vector128.Min(Vector128.Max(Vector128.AddSaturate(lower, centre), Vector128<short>.Zero), top);
        var bytes = Vector128.Narrow(a.AsUInt16(), b.AsUInt16()).AsUInt64();
        Unsafe.WriteUnaligned(ref plane, bytes.GetElement(0));
        Unsafe.WriteUnaligned(ref Unsafe.Add(ref plane, stride), bytes.GetElement(1));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Transpose(
        ref Vector128<short> a, ref Vector128<short> b, ref Vector128<short> c, ref Vector128<short> d,
        ref Vector128<short> e, ref Vector128<short> f, ref Vector128<short> g, ref Vector128<short> h)
    {
        // Three rounds of interleaving rows that are four apart.
        for (var round = 0; round < 3; round++)
        {
            var (a2, b2, c2, d2) = (ZipLow(a, e), ZipHigh(a, e), ZipLow(b, f), ZipHigh(b, f));
            var (e2, f2, g2, h2) = (ZipLow(c, g), ZipHigh(c, g), ZipLow(d, h), ZipHigh(d, h));
            (a, b, c, d, e, f, g, h) = (a2, b2, c2, d2, e2, f2, g2, h2);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static Vector128<short> ZipLow(Vector128<short> a, Vector128<short> b) =>
        Sse2.IsSupported ? Sse2.UnpackLow(a, b)
        : AdvSimd.Arm64.IsSupported ? AdvSimd.Arm64.ZipLow(a, b)
        : Vector128.Create(a[0], b[0], a[1], b[1], a[2], b[2], a[3], b[3]);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static Vector128<short> ZipHigh(Vector128<short> a, Vector128<short> b) =>
        Sse2.IsSupported ? Sse2.UnpackHigh(a, b)
        : AdvSimd.Arm64.IsSupported ? AdvSimd.Arm64.ZipHigh(a, b)
        : Vector128.Create(a[4], b[4], a[5], b[5], a[6], b[6], a[7], b[7]);
}
