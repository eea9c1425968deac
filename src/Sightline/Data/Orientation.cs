namespace Sightline.Data;

/// <summary>Turns pictures upright by their EXIF orientation (EXIF 2.3, tag 0x0112).</summary>
internal static class Orientation
{
    /// <summary>Writes <paramref name="source"/> upright into <paramref name="target"/>.</summary>
    /// <param name="source">As stored.</param>
    /// <param name="orientation">
    /// 1 upright, 2 mirrored, 3 turned by 180 degrees, 4 upside down, 5 mirrored about the falling diagonal, 6 to be turned clockwise,
    /// 7 mirrored about the rising diagonal, 8 to be turned anticlockwise.
    /// </param>
    /// <param name="target">Another buffer.</param>
    public static void Apply(PixelBuffer source, int orientation, PixelBuffer target)
    {
        var (w, h) = (source.Width, source.Height);
        var swaps = orientation >= 5;
        target.Resize(swaps ? h : w, swaps ? w : h);
        // Where result pixel (0,0) comes from, and how far the source moves per result column and row.
        var (origin, perColumn, perRow) = orientation switch
        {
            2 => (w - 1, -1, w),
            3 => ((w * h) - 1, -1, -w),
            4 => ((h - 1) * w, 1, -w),
            5 => (0, w, 1),
            6 => ((h - 1) * w, -w, 1),
            7 => ((w * h) - 1, -w, -1),
            8 => (w - 1, w, -1),
            _ => (0, 1, w),
        };
        var (from, to) = (source.Pixels, target.Pixels);
        var at = 0;
        for (var y = 0; y < target.Height; y++)
        {
            var pixel = origin + (y * perRow);
            for (var x = 0; x < target.Width; x++, pixel += perColumn, at += 3)
            {
                to[at] = from[pixel * 3];
                to[at + 1] = from[(pixel * 3) + 1];
                to[at + 2] = from[(pixel * 3) + 2];
            }
        }
    }
}
