using SkiaSharp;

namespace Sightline.Data.Import;

/// <summary>Turns pixels of binary formats into PNG files, which keep every value.</summary>
internal static class RawPicture
{
    /// <param name="grey">Width x height values.</param>
    public static byte[] Grey(ReadOnlySpan<byte> grey, int width, int height) => Encode(grey, width, height, SKColorType.Gray8, 1);

    /// <param name="planes">Width x height values each of red, green and blue.</param>
    public static byte[] Planes(ReadOnlySpan<byte> planes, int width, int height)
    {
        var area = width * height;
        var pixels = new byte[area * 4];
        for (var i = 0; i < area; i++)
        {
            (pixels[4 * i], pixels[(4 * i) + 1], pixels[(4 * i) + 2], pixels[(4 * i) + 3]) = (planes[i], planes[area + i], planes[(2 * area) + i], 255);
        }

        return Encode(pixels, width, height, SKColorType.Rgb888x, 4);
    }

    private static unsafe byte[] Encode(ReadOnlySpan<byte> pixels, int width, int height, SKColorType colour, int channels)
    {
        fixed (byte* start = pixels)
        {
            using var map = new SKPixmap(new SKImageInfo(width, height, colour, SKAlphaType.Opaque), (IntPtr)start, width * channels);
            // zlib level 4: such small pictures gain little from more.
            using var data = map.Encode(new SKPngEncoderOptions(SKPngEncoderFilterFlags.Sub, 4))
                ?? throw new InvalidOperationException($"Skia did not encode {width} x {height} pixels.");
            return data.ToArray();
        }
    }
}
