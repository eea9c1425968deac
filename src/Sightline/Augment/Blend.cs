using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Sightline.Augment;

/// <summary>Mixes a picture with its degenerate form (black, grey, smoothed): degenerate + factor x (picture - degenerate), clipped and cut.</summary>
/// <remarks>Pillow 9.4, src/libImaging/Blend.c: single precision, products not fused; so the pixels are the same, bit for bit.</remarks>
internal static class Blend
{
    /// <summary>With one level for all.</summary>
    public static void With(byte level, Span<byte> image, float factor)
    {
        ref var pixels = ref MemoryMarshal.GetReference(image);
        var degenerate = Vector256.Create((float)level);
        var factors = Vector256.Create(factor);
        var i = 0;
        for (; i <= image.Length - 16; i += 16)
        {
            var (low, high) = Load(ref pixels, i);
            Store(degenerate + (factors * (low - degenerate)), degenerate + (factors * (high - degenerate)), ref pixels, i);
        }

        for (; i < image.Length; i++)
        {
            image[i] = One(level, image[i], factor);
        }
    }

    /// <summary>With another picture.</summary>
    public static void With(ReadOnlySpan<byte> degenerate, Span<byte> image, float factor)
    {
        ref var pixels = ref MemoryMarshal.GetReference(image);
        ref var others = ref MemoryMarshal.GetReference(degenerate);
        var factors = Vector256.Create(factor);
        var i = 0;
        for (; i <= image.Length - 16; i += 16)
        {
            var (low, high) = Load(ref pixels, i);
            var (otherLow, otherHigh) = Load(ref others, i);
            Store(otherLow + (factors * (low - otherLow)), otherHigh + (factors * (high - otherHigh)), ref pixels, i);
        }

        for (; i < image.Length; i++)
        {
            image[i] = One(degenerate[i], image[i], factor);
        }
    }

    private static byte One(byte degenerate, byte level, float factor)
    {
        var value = degenerate + (factor * (level - degenerate));
        return value <= 0 ? (byte)0 : value >= 255 ? (byte)255 : (byte)value;
    }

    /// <summary>Sixteen levels as numbers.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static (Vector256<float> Low, Vector256<float> High) Load(ref byte pixels, int at)
    {
        var (low, high) = Vector128.Widen(Vector128.LoadUnsafe(ref pixels, (nuint)at));
        return (Number(low), Number(high));
    }

    /// <summary>Sixteen numbers, clipped to 0..255 and cut, as levels.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static void Store(Vector256<float> low, Vector256<float> high, ref byte pixels, int at)
    {
        var (a, b) = (Level(low), Level(high));
        var words = Vector256.Narrow(a, b).AsUInt16();
        Vector128.Narrow(words.GetLower(), words.GetUpper()).StoreUnsafe(ref pixels, (nuint)at);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<float> Number(Vector128<ushort> levels)
    {
        var (low, high) = Vector128.Widen(levels);
        return Vector256.ConvertToSingle(Vector256.Create(low, high).AsInt32());
    }

    // Clipped before the conversion, so that the conversion cannot overflow.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<int> Level(Vector256<float> values) =>
        Vector256.ConvertToInt32Native(Vector256.Min(Vector256.Max(values, Vector256<float>.Zero), Vector256.Create(255f)));
}
