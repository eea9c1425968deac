using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using Sightline.Data;

namespace Sightline.Augment;

/// <summary>Where random crops lie.</summary>
internal static class RandomCrops
{
    /// <summary>
    /// A crop of a random area and aspect: ten tries, the aspect uniform in its logarithm, else the largest centred crop of an allowed aspect.
    /// </summary>
    /// <param name="width">Of the picture.</param>
    /// <param name="height">Of the picture.</param>
    /// <param name="minimumArea">Smallest share of the area; the largest is 1.</param>
    /// <param name="aspect">Largest width / height; the smallest is its inverse.</param>
    /// <param name="random">Advanced by this.</param>
    /// <remarks>Szegedy et al. 2015, section 6; the procedure is torchvision 0.14's RandomResizedCrop.get_params.</remarks>
    public static Box Resized(int width, int height, double minimumArea, double aspect, ref RandomStream random)
    {
        var area = (double)width * height;
        var logAspect = Math.Log(aspect);
        for (var attempt = 0; attempt < 10; attempt++)
        {
            var target = area * (minimumArea + ((1 - minimumArea) * random.NextDouble()));
            var ratio = Math.Exp(logAspect * ((2 * random.NextDouble()) - 1));
            // Python's round goes to even; so does this.
            var w = (int)Math.Round(Math.Sqrt(target * ratio));
            var h = (int)Math.Round(Math.Sqrt(target / ratio));
            if (w > 0 && w <= width && h > 0 && h <= height)
            {
                var y = random.NextInt(height - h + 1);
                return new Box(random.NextInt(width - w + 1), y, w, h);
            }
        }

        return Fallback(width, height, aspect);
    }

    /// <summary>The largest centred crop whose aspect is allowed.</summary>
    internal static Box Fallback(int width, int height, double aspect)
    {
        var (w, h) = (width, height);
        var own = (double)width / height;
        if (own < 1 / aspect)
        {
            h = Math.Clamp((int)Math.Round(width * aspect), 1, height);
        }
        else if (own > aspect)
        {
            w = Math.Clamp((int)Math.Round(height * aspect), 1, width);
        }

        return new Box((width - w) / 2, (height - h) / 2, w, h);
    }

    /// <summary>Copies a square picture shifted by (<paramref name="dx"/>, <paramref name="dy"/>); what comes from outside is black.</summary>
    /// <param name="source">size x size x 3 bytes.</param>
    /// <param name="size">Side, pixels.</param>
    /// <param name="dx">Columns, -size to size; result column x is source column x + dx.</param>
    /// <param name="dy">Rows, likewise.</param>
    /// <param name="target">size x size x 3 bytes.</param>
    public static void Shift(ReadOnlySpan<byte> source, int size, int dx, int dy, Span<byte> target)
    {
        var first = Math.Max(0, -dx);
        var count = Math.Max(0, size - Math.Abs(dx));
        for (var y = 0; y < size; y++)
        {
            var row = target.Slice(y * size * 3, size * 3);
            var sourceY = y + dy;
            if (sourceY < 0 || sourceY >= size || count == 0)
            {
                row.Clear();
                continue;
            }

            row[..(first * 3)].Clear();
            source.Slice(((sourceY * size) + first + dx) * 3, count * 3).CopyTo(row[(first * 3)..]);
            row[((first + count) * 3)..].Clear();
        }
    }

    /// <summary>Mirrors each row of a picture in place.</summary>
    public static void Mirror(Span<byte> pixels, int width, int height)
    {
        // A row is copied out first; 4096 pixels, the widest input, are 12 KiB of stack.
        const int MostOnStack = 4096 * 3;
        Span<byte> copy = width * 3 <= MostOnStack ? stackalloc byte[width * 3] : new byte[width * 3];
        for (var y = 0; y < height; y++)
        {
            var row = pixels.Slice(y * width * 3, width * 3);
            row.CopyTo(copy);
            MirrorRow(copy, row);
        }
    }

    // Five pixels at a time; the sixteenth byte written is the next pixel's, which is written next.
    private static void MirrorRow(ReadOnlySpan<byte> source, Span<byte> target)
    {
        ref var from = ref MemoryMarshal.GetReference(source);
        ref var to = ref MemoryMarshal.GetReference(target);
        var order = Vector128.Create((byte)13, 14, 15, 10, 11, 12, 7, 8, 9, 4, 5, 6, 1, 2, 3, 0);
        var at = 0;
        var left = source.Length;
        for (; left >= 18; left -= 15, at += 15)
        {
            Vector128.Shuffle(Vector128.LoadUnsafe(ref from, (nuint)(left - 16)), order).StoreUnsafe(ref to, (nuint)at);
        }

        for (; left > 0; left -= 3, at += 3)
        {
            (target[at], target[at + 1], target[at + 2]) = (source[left - 3], source[left - 2], source[left - 1]);
        }
    }
}
