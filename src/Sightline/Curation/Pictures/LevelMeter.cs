namespace Sightline.Curation.Pictures;

/// <summary>Brightness, entropy and greyness of a picture, from one pass over its pixels. One per thread: it keeps its tables.</summary>
/// <remarks>
/// Brightness of a pixel: sqrt(0.241 R² + 0.691 G² + 0.068 B²) / 255 (Finley 2006, "HSP color model"). Percentiles between two pixels are
/// interpolated as numpy does; brightness is counted in steps of 1/8191, so a percentile is right within 0.0001. Entropy as Pillow's
/// <c>Image.entropy()</c>: a grey picture has one histogram, another picture those of its three colours side by side.
/// </remarks>
internal sealed class LevelMeter
{
    private const int Steps = 8191;

    private static readonly float[] Red = Weighted(0.241);
    private static readonly float[] Green = Weighted(0.691);
    private static readonly float[] Blue = Weighted(0.068);

    private readonly int[] _brightness = new int[Steps + 1];
    private readonly int[] _levels = new int[3 * 256];
    private int _count;
    private double _sum;

    /// <summary>Whether the three colours were equal in every pixel.</summary>
    public bool IsGrey { get; private set; }

    /// <summary>Mean brightness, 0 to 1.</summary>
    public double MeanBrightness => _sum / _count / Steps;

    /// <summary>Measures a picture; the properties then tell of it.</summary>
    /// <param name="pixels">R G B, at least one pixel.</param>
    public void Measure(ReadOnlySpan<byte> pixels)
    {
        Array.Clear(_brightness);
        Array.Clear(_levels);
        _count = pixels.Length / 3;
        var isGrey = true;
        var sum = 0L;
        for (var i = 0; i + 2 < pixels.Length; i += 3)
        {
            var (red, green, blue) = (pixels[i], pixels[i + 1], pixels[i + 2]);
            isGrey &= red == green && green == blue;
            _levels[red]++;
            _levels[256 + green]++;
            _levels[512 + blue]++;
            var step = (int)(MathF.Sqrt(Red[red] + Green[green] + Blue[blue]) + 0.5f);
            _brightness[step]++;
            sum += step;
        }

        IsGrey = isGrey;
        _sum = sum;
    }

    /// <summary>A percentile of the pixels' brightness.</summary>
    /// <param name="percent">0 to 100.</param>
    public double BrightnessPercentile(double percent)
    {
        var rank = percent / 100 * (_count - 1);
        var below = (int)Math.Floor(rank);
        var (low, high) = (Ordered(below), Ordered(Math.Min(below + 1, _count - 1)));
        return (low + ((high - low) * (rank - below))) / Steps;
    }

    /// <summary>Entropy of the histogram in bits.</summary>
    public double EntropyBits()
    {
        var levels = IsGrey ? _levels.AsSpan(0, 256) : _levels;
        double total = IsGrey ? _count : 3.0 * _count;
        var bits = 0.0;
        foreach (var count in levels)
        {
            if (count > 0)
            {
                bits -= count / total * Math.Log2(count / total);
            }
        }

        return Math.Max(0, bits);
    }

    // The brightness step of the pixel with this rank.
    private int Ordered(int rank)
    {
        var seen = 0;
        for (var step = 0; step <= Steps; step++)
        {
            seen += _brightness[step];
            if (seen > rank)
            {
                return step;
            }
        }

        return Steps;
    }

    private static float[] Weighted(double weight) =>
        [.. Enumerable.Range(0, 256).Select(level => (float)(weight * level * level * Steps * Steps / (255.0 * 255.0)))];
}
