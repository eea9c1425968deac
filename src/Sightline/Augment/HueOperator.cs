namespace Sightline.Augment;

/// <summary>Turns the hue, through 8-bit HSV, in place.</summary>
/// <remarks>torchvision 0.14.1, functional_pil.py, adjust_hue; rules of Pillow 9.4, src/libImaging/Convert.c. The same pixels, bit for bit.</remarks>
internal static class HueOperator
{
    private static readonly byte[] _turned = MakeTable();

    /// <summary>Turns the hue by a share of the circle.</summary>
    /// <param name="turn">-0.5 to 0.5.</param>
    public static void Apply(Span<byte> image, double turn)
    {
        var shift = unchecked((byte)(int)(turn * 255));
        for (var i = 0; i < image.Length; i += 3)
        {
            Turn(ref image[i], ref image[i + 1], ref image[i + 2], shift);
        }
    }

    private static void Turn(ref byte r, ref byte g, ref byte b, byte shift)
    {
        var high = Math.Max(r, Math.Max(g, b));
        var low = Math.Min(r, Math.Min(g, b));
        if (low == high)
        {
            return; // Without saturation the hue has no influence.
        }

        var range = (float)(high - low);
        var saturation = (byte)(int)((range / high) * 255.0);
        var hue = unchecked((byte)(Hue(r, g, b, high, range) + shift));
        if (saturation == 0)
        {
            (r, g, b) = (high, high, high);
            return;
        }

        var share = saturation / 255f;
        var sector = _turned[hue];
        var fraction = (float)((hue * 6f / 255f) - sector);
        var p = Level(high * (1.0 - share));
        var q = Level(high * (1.0 - (share * fraction)));
        var t = Level(high * (1.0 - (share * (1.0 - fraction))));
        (r, g, b) = (sector % 6) switch
        {
            0 => (high, t, p),
            1 => (q, high, p),
            2 => (p, high, t),
            3 => (p, q, high),
            4 => (t, p, high),
            _ => (high, p, q),
        };
    }

    private static byte Hue(byte r, byte g, byte b, byte high, float range)
    {
        var red = (high - r) / range;
        var green = (high - g) / range;
        var blue = (high - b) / range;
        var hue = r == high ? blue - green : g == high ? (float)(2.0 + red - blue) : (float)(4.0 + green - red);
        // Below 0 for purples; a whole turn is added before the remainder.
        var turn = (float)(((hue / 6.0) + 1.0) % 1.0);
        return (byte)(int)(turn * 255.0);
    }

    // C's round: halves away from zero; the value is never negative.
    private static byte Level(double value) => (byte)Math.Min(255, (int)(value + 0.5));

    private static byte[] MakeTable()
    {
        var table = new byte[256];
        for (var hue = 0; hue < table.Length; hue++)
        {
            table[hue] = (byte)Math.Floor(hue * 6.0 / 255.0);
        }

        return table;
    }
}
