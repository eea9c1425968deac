namespace Sightline.Curation.Pictures;

/// <summary>
/// How sharp a picture is: shrunk so that its long side is at most 64 (bicubic), as luma; v is the standard deviation of its edges
/// (3 x 3, the eight neighbours subtracted from eight times the pixel, cut to 0..255, border as it is), h the standard deviation of the 256 counts of its
/// histogram. With s = 1 - exp(-0.01 v), and c = 1 - exp(-0.01 h) taken as 0 up to 0.18, the sharpness is min(s + c, 1).
/// </summary>
/// <remarks>The definition of cleanvision (cleanlab/cleanvision: src/cleanvision/issue_managers/image_property.py, class BlurrinessProperty).</remarks>
internal static class SharpnessMeter
{
    /// <summary>Most pixels of the long side.</summary>
    public const int Side = 64;

    private const double Scale = 0.01;

    private const double LeastHistogramTerm = 0.18;

    /// <summary>The size that a picture is shrunk to; its own where that is small enough.</summary>
    public static (int Width, int Height) SizeFor(int width, int height)
    {
        var longer = Math.Max(width, height);
        return longer <= Side
            ? (width, height)
            : (Math.Max(1, (int)((long)width * Side / longer)), Math.Max(1, (int)((long)height * Side / longer)));
    }

    /// <summary>The sharpness, 0 to 1.</summary>
    /// <param name="luma">Levels, row by row.</param>
    public static double Measure(ReadOnlySpan<byte> luma, int width, int height)
    {
        var edges = EdgeDeviation(luma, width, height);
        var histogram = 1 - Math.Exp(-Scale * HistogramDeviation(luma));
        return Math.Min(1 - Math.Exp(-Scale * edges) + (histogram <= LeastHistogramTerm ? 0 : histogram), 1);
    }

    private static double EdgeDeviation(ReadOnlySpan<byte> luma, int width, int height)
    {
        var (sum, squares) = (0.0, 0.0);
        for (var y = 0; y < height; y++)
        {
            for (var x = 0; x < width; x++)
            {
                double edge = IsBorder(x, y, width, height) ? luma[(y * width) + x] : Edge(luma, (y * width) + x, width);
                sum += edge;
                squares += edge * edge;
            }
        }

        return Math.Sqrt(Math.Max(0, (squares - (sum * sum / luma.Length)) / luma.Length));
    }

    // A picture smaller than the kernel is border all over.
    private static bool IsBorder(int x, int y, int width, int height) => x == 0 || y == 0 || x == width - 1 || y == height - 1;

    private static int Edge(ReadOnlySpan<byte> luma, int at, int width)
    {
        var around = 0;
        for (var row = at - width; row <= at + width; row += width)
        {
            around += luma[row - 1] + luma[row] + luma[row + 1];
        }

        return Math.Clamp((9 * luma[at]) - around, 0, 255);
    }

    private static double HistogramDeviation(ReadOnlySpan<byte> luma)
    {
        Span<int> counts = stackalloc int[256];
        counts.Clear();
        foreach (var level in luma)
        {
            counts[level]++;
        }

        var squares = 0.0;
        foreach (var count in counts)
        {
            squares += (double)count * count;
        }

        var mean = luma.Length / 256.0;
        return Math.Sqrt(Math.Max(0, (squares / 256) - (mean * mean)));
    }
}
