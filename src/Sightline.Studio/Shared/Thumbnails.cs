using Sightline.Data;
using Sightline.Runs.Report;
using SkiaSharp;

namespace Sightline.Studio.Shared;

/// <summary>Pictures for the browser: always decoded and written anew, so that what a file claims to be never reaches the browser.</summary>
internal static class Thumbnails
{
    /// <summary>Longest side of a small picture.</summary>
    public const int Small = 192;

    /// <summary>Longest side of a large one.</summary>
    public const int Large = 900;

    private const int Quality = 85;
    private const int PixelArt = 64;

    /// <summary>Reduced where it is larger than <paramref name="side"/>. Tiny pictures as PNG, which keeps their pixels; others as JPEG.</summary>
    public static (string Type, byte[] Content) Encode(PixelImage picture, int side)
    {
        var reduced = Thumbnail.Reduce(picture, side);
        return Math.Max(reduced.Width, reduced.Height) <= PixelArt ? ("image/png", Png.Encode(reduced)) : ("image/jpeg", Jpeg(reduced));
    }

    private static byte[] Jpeg(PixelImage picture)
    {
        using var bitmap = new SKBitmap(new SKImageInfo(picture.Width, picture.Height, SKColorType.Rgb888x, SKAlphaType.Opaque));
        var target = bitmap.GetPixelSpan();
        for (int i = 0, j = 0; i < picture.Pixels.Length; i += 3, j += 4)
        {
            target[j] = picture.Pixels[i];
            target[j + 1] = picture.Pixels[i + 1];
            target[j + 2] = picture.Pixels[i + 2];
            target[j + 3] = 255;
        }

        using var data = bitmap.Encode(SKEncodedImageFormat.Jpeg, Quality);
        return data.ToArray();
    }
}
