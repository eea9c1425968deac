using Sightline.Data;

namespace Sightline.Inference;

/// <summary>A heat map over its picture.</summary>
internal static class HeatOverlay
{
    // Cold to hot; lightness rises with the heat, so that it can be read without colours too.
    private static readonly (double R, double G, double B)[] _ramp = [(70, 20, 110), (190, 40, 90), (240, 110, 30), (255, 235, 90)];

    // The picture shows through everywhere, and is dimmed where the model did not look.
    private const double LeastLight = 0.45;
    private const double MostColour = 0.6;

    /// <summary>Blends.</summary>
    /// <param name="pixels">RGB, side x side x 3 bytes.</param>
    /// <param name="heat">0..1, side x side.</param>
    /// <param name="side">Of both, pixels.</param>
    public static PixelImage Blend(ReadOnlySpan<byte> pixels, ReadOnlySpan<float> heat, int side)
    {
        var blended = new byte[side * side * 3];
        for (var i = 0; i < heat.Length; i++)
        {
            var warmth = Math.Clamp((double)heat[i], 0, 1);
            var (r, g, b) = Colour(warmth);
            var (light, share) = (LeastLight + ((1 - LeastLight) * warmth), MostColour * warmth);
            blended[3 * i] = Mix(pixels[3 * i], r, light, share);
            blended[(3 * i) + 1] = Mix(pixels[(3 * i) + 1], g, light, share);
            blended[(3 * i) + 2] = Mix(pixels[(3 * i) + 2], b, light, share);
        }

        return new PixelImage(blended, side, side);
    }

    private static byte Mix(byte pixel, double colour, double light, double share) => (byte)Math.Round((pixel * light * (1 - share)) + (colour * share));

    private static (double R, double G, double B) Colour(double warmth)
    {
        var place = warmth * (_ramp.Length - 1);
        var below = Math.Min((int)place, _ramp.Length - 2);
        var (from, to, part) = (_ramp[below], _ramp[below + 1], place - below);
        return (from.R + ((to.R - from.R) * part), from.G + ((to.G - from.G) * part), from.B + ((to.B - from.B) * part));
    }
}
