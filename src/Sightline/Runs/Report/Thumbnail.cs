using Sightline.Data;

namespace Sightline.Runs.Report;

/// <summary>Small pictures inside the page.</summary>
internal static class Thumbnail
{
    /// <summary>
    /// Longest side in pixels. 36 pictures of pure noise at this size, the worst case, are 1.8 MB in the page, which keeps it
    /// below 3 MB.
    /// </summary>
    public const int MaximumSide = 112;

    /// <summary>
    /// Longest side of the pictures of pairs and explanations: 38 pictures of noise at this size are 1 MB, which together with
    /// <see cref="MaximumSide"/> keeps the page below 3 MB.
    /// </summary>
    public const int SmallSide = 80;

    /// <summary>The picture as a <c>data:</c> address, reduced where it is larger than <paramref name="side"/>.</summary>
    public static string DataUri(PixelImage image, int side = MaximumSide) => "data:image/png;base64," + Convert.ToBase64String(Png.Encode(Reduce(image, side)));

    /// <summary>Averages areas so that the longer side is at most <paramref name="side"/>; smaller pictures stay as they are.</summary>
    public static PixelImage Reduce(PixelImage image, int side)
    {
        var longer = Math.Max(image.Width, image.Height);
        if (longer <= side)
        {
            return image;
        }

        var width = Math.Max(1, (int)Math.Round((double)image.Width * side / longer));
        var height = Math.Max(1, (int)Math.Round((double)image.Height * side / longer));
        var pixels = new byte[width * height * 3];
        for (var y = 0; y < height; y++)
        {
            var (top, bottom) = Range(y, height, image.Height);
            for (var x = 0; x < width; x++)
            {
                var (left, right) = Range(x, width, image.Width);
                for (var channel = 0; channel < 3; channel++)
                {
                    pixels[3 * (y * width + x) + channel] = Mean(image, left, right, top, bottom, channel);
                }
            }
        }

        return new PixelImage(pixels, width, height);
    }

    /// <summary>The source pixels of one target pixel: at least one, whole pixels only, which is enough at this size.</summary>
    private static (int From, int To) Range(int target, int targets, int sources)
    {
        var from = (int)((long)target * sources / targets);
        return (from, Math.Max(from + 1, (int)((target + 1L) * sources / targets)));
    }

    private static byte Mean(PixelImage image, int left, int right, int top, int bottom, int channel)
    {
        var sum = 0L;
        for (var y = top; y < bottom; y++)
        {
            for (var x = left; x < right; x++)
            {
                sum += image.Pixels[3 * (y * image.Width + x) + channel];
            }
        }

        var count = (long)(right - left) * (bottom - top);
        return (byte)((sum + count / 2) / count);
    }
}
