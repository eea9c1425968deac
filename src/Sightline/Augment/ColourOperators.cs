using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Sightline.Augment;

/// <summary>Operators that change levels where they are. They work in place on 8-bit RGB.</summary>
/// <remarks>
/// Each gives the pixels of torchvision 0.14.1 on a Pillow 9.4 image (tests/golden/augment.py), bit for bit. Rules: Pillow 9.4,
/// src/PIL/ImageEnhance.py, src/PIL/ImageOps.py, src/libImaging/Convert.c.
/// </remarks>
internal static class ColourOperators
{
    /// <summary>Mixes with black. Factor 0 is black, 1 the picture, above 1 brighter.</summary>
    public static void Brightness(Span<byte> image, double factor) => Blend.With(0, image, (float)factor);

    /// <summary>Mixes with the mean grey. Factor 0 is grey, 1 the picture, above 1 more contrast.</summary>
    public static void Contrast(Span<byte> image, double factor)
    {
        var sum = 0L;
        for (var i = 0; i < image.Length; i += 3)
        {
            sum += GreyLevel(image[i], image[i + 1], image[i + 2]);
        }

        Blend.With((byte)(((double)sum / (image.Length / 3)) + 0.5), image, (float)factor);
    }

    /// <summary>Mixes with the grey picture. Factor 0 is grey, 1 the picture, above 1 more colour.</summary>
    public static void Saturation(Span<byte> image, double factor, OperatorScratch scratch)
    {
        var grey = scratch.Copy(image).AsSpan(0, image.Length);
        Grey(grey);
        Blend.With(grey, image, (float)factor);
    }

    /// <summary>Replaces each pixel by its grey level (ITU-R BT.601).</summary>
    public static void Grey(Span<byte> image)
    {
        for (var i = 0; i < image.Length; i += 3)
        {
            var level = GreyLevel(image[i], image[i + 1], image[i + 2]);
            (image[i], image[i + 1], image[i + 2]) = (level, level, level);
        }
    }

    /// <summary>Keeps the highest bits of each level.</summary>
    /// <param name="bits">0 to 8; the fraction is cut.</param>
    public static void Posterize(Span<byte> image, double bits)
    {
        var mask = (byte)(0xff00 >> (int)bits);
        var vectors = Vectors(image, out var rest);
        foreach (ref var many in vectors)
        {
            many &= new Vector<byte>(mask);
        }

        foreach (ref var level in rest)
        {
            level &= mask;
        }
    }

    /// <summary>Inverts the levels at or above a threshold.</summary>
    /// <param name="threshold">0 inverts all; above 255 none.</param>
    public static void Solarize(Span<byte> image, double threshold)
    {
        // The least level that is inverted.
        var least = Math.Ceiling(threshold);
        if (least > 255)
        {
            return;
        }

        var from = (byte)Math.Max(0, least);
        var vectors = Vectors(image, out var rest);
        foreach (ref var many in vectors)
        {
            many ^= Vector.GreaterThanOrEqual(many, new Vector<byte>(from));
        }

        foreach (ref var level in rest)
        {
            level = level >= from ? (byte)~level : level;
        }
    }

    /// <summary>255 minus each level.</summary>
    public static void Invert(Span<byte> image)
    {
        var vectors = Vectors(image, out var rest);
        foreach (ref var many in vectors)
        {
            many = ~many;
        }

        foreach (ref var level in rest)
        {
            level = (byte)~level;
        }
    }

    /// <summary>Stretches each channel so that its darkest level becomes 0 and its lightest 255.</summary>
    public static void AutoContrast(Span<byte> image)
    {
        Span<int> low = stackalloc int[3];
        Span<int> high = stackalloc int[3];
        Extremes(image, low, high);
        Span<byte> tables = stackalloc byte[3 * 256];
        for (var channel = 0; channel < 3; channel++)
        {
            var table = tables.Slice(channel * 256, 256);
            var scale = high[channel] > low[channel] ? 255.0 / (high[channel] - low[channel]) : 1;
            var offset = high[channel] > low[channel] ? -low[channel] * scale : 0;
            for (var level = 0; level < 256; level++)
            {
                table[level] = (byte)Math.Clamp((int)((level * scale) + offset), 0, 255);
            }
        }

        LookUp(image, tables);
    }

    /// <summary>Gives each channel an even histogram.</summary>
    public static void Equalize(Span<byte> image)
    {
        Span<int> counts = stackalloc int[3 * 256];
        counts.Clear();
        for (var i = 0; i < image.Length; i += 3)
        {
            counts[image[i]]++;
            counts[256 + image[i + 1]]++;
            counts[512 + image[i + 2]]++;
        }

        Span<byte> tables = stackalloc byte[3 * 256];
        for (var channel = 0; channel < 3; channel++)
        {
            EqualTable(counts.Slice(channel * 256, 256), image.Length / 3, tables.Slice(channel * 256, 256));
        }

        LookUp(image, tables);
    }

    private static void EqualTable(ReadOnlySpan<int> counts, int total, Span<byte> table)
    {
        // A flat channel stays (the last level's count is then all, so the step is 0).
        var step = (total - counts[counts.LastIndexOfAnyExcept(0)]) / 255;
        var sum = step / 2;
        for (var level = 0; level < 256; level++)
        {
            table[level] = step == 0 ? (byte)level : (byte)Math.Min(255, sum / step);
            sum += counts[level];
        }
    }

    private static void Extremes(ReadOnlySpan<byte> image, Span<int> low, Span<int> high)
    {
        var (r0, g0, b0, r1, g1, b1) = (255, 255, 255, 0, 0, 0);
        for (var i = 0; i + 2 < image.Length; i += 3)
        {
            var (r, g, b) = (image[i], image[i + 1], image[i + 2]);
            (r0, g0, b0) = (Math.Min(r0, r), Math.Min(g0, g), Math.Min(b0, b));
            (r1, g1, b1) = (Math.Max(r1, r), Math.Max(g1, g), Math.Max(b1, b));
        }

        (low[0], low[1], low[2]) = (r0, g0, b0);
        (high[0], high[1], high[2]) = (r1, g1, b1);
    }

    private static void LookUp(Span<byte> image, ReadOnlySpan<byte> tables)
    {
        ref var table = ref MemoryMarshal.GetReference(tables);
        for (var i = 0; i + 2 < image.Length; i += 3)
        {
            image[i] = Unsafe.Add(ref table, image[i]);
            image[i + 1] = Unsafe.Add(ref table, 256 + image[i + 1]);
            image[i + 2] = Unsafe.Add(ref table, 512 + image[i + 2]);
        }
    }

    private static byte GreyLevel(byte r, byte g, byte b) => (byte)(((r * 19595) + (g * 38470) + (b * 7471) + 0x8000) >> 16);

    private static Span<Vector<byte>> Vectors(Span<byte> image, out Span<byte> rest)
    {
        var many = MemoryMarshal.Cast<byte, Vector<byte>>(image);
        rest = image[(many.Length * Vector<byte>.Count)..];
        return many;
    }
}
