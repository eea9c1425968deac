using Sightline.Data;

namespace Sightline.Augment;

/// <summary>Erases a random rectangle.</summary>
/// <remarks>Zhong et al. 2020, algorithm 1; the procedure is torchvision 0.14.1's RandomErasing.get_params.</remarks>
internal static class RandomErasing
{
    /// <summary>Least share of the area.</summary>
    public const double LeastArea = 0.02;

    /// <summary>Largest share of the area.</summary>
    public const double MostArea = 0.33;

    private const double LeastAspect = 0.3;
    private const double MostAspect = 3.3;

    /// <summary>The rectangle: ten tries, the aspect uniform in its logarithm; null where none fits.</summary>
    public static Box? Rectangle(int width, int height, double leastArea, double mostArea, ref RandomStream random)
    {
        for (var attempt = 0; attempt < 10; attempt++)
        {
            var area = width * height * (leastArea + ((mostArea - leastArea) * random.NextDouble()));
            var (low, high) = (Math.Log(LeastAspect), Math.Log(MostAspect));
            var aspect = Math.Exp(low + ((high - low) * random.NextDouble()));
            // Python's round goes to even; so does this. Here the aspect is height / width.
            var h = (int)Math.Round(Math.Sqrt(area * aspect));
            var w = (int)Math.Round(Math.Sqrt(area / aspect));
            if (h < height && w < width)
            {
                var y = random.NextInt(height - h + 1);
                return new Box(random.NextInt(width - w + 1), y, w, h);
            }
        }

        return null;
    }

    /// <summary>Fills a rectangle.</summary>
    public static void Fill(Span<byte> image, int width, Box box, (byte R, byte G, byte B) fill)
    {
        for (var y = box.Y; y < box.Y + box.Height; y++)
        {
            var row = image.Slice(((y * width) + box.X) * 3, box.Width * 3);
            for (var i = 0; i < row.Length; i += 3)
            {
                (row[i], row[i + 1], row[i + 2]) = fill;
            }
        }
    }
}
