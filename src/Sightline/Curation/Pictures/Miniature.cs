using Sightline.Data;

namespace Sightline.Curation.Pictures;

/// <summary>Small squares of pictures that are compared colour by colour.</summary>
internal static class Miniature
{
    /// <summary>Side of the thumbnail of the second check.</summary>
    public const int Side = PerceptualHash.Side;

    private const int Cell = 4;
    private const int Cells = Side / Cell;

    /// <summary>The picture at 32 x 32, whatever its shape: 3,072 bytes R G B.</summary>
    public static void Shrink(Resampler resampler, ReadOnlySpan<byte> pixels, int width, int height, Span<byte> target) => resampler.Resize(
        pixels, width * 3, new Box(0, 0, width, height), Side, Side, new Box(0, 0, Side, Side), Interpolation.Lanczos, target);

    /// <summary>8 x 8 means of a thumbnail.</summary>
    public static byte[] Means(ReadOnlySpan<byte> thumbnail)
    {
        var means = new byte[Cells * Cells * 3];
        for (var i = 0; i < means.Length; i++)
        {
            var (row, column, channel) = (i / 3 / Cells, i / 3 % Cells, i % 3);
            var sum = 0;
            for (var y = row * Cell; y < (row + 1) * Cell; y++)
            {
                for (var x = column * Cell; x < (column + 1) * Cell; x++)
                {
                    sum += thumbnail[(((y * Side) + x) * 3) + channel];
                }
            }

            means[i] = (byte)((sum + (Cell * Cell / 2)) / (Cell * Cell));
        }

        return means;
    }

    /// <summary>Mean absolute difference of two squares, the first one turned; in levels, 0 to 255.</summary>
    public static double Difference(ReadOnlySpan<byte> first, ReadOnlySpan<byte> second, PictureTurn turn)
    {
        var side = first.Length == Cells * Cells * 3 ? Cells : Side;
        var sum = 0;
        for (var y = 0; y < side; y++)
        {
            for (var x = 0; x < side; x++)
            {
                var from = Source(turn, y, x, side) * 3;
                var to = ((y * side) + x) * 3;
                sum += Math.Abs(first[from] - second[to]) + Math.Abs(first[from + 1] - second[to + 1]) + Math.Abs(first[from + 2] - second[to + 2]);
            }
        }

        return (double)sum / first.Length;
    }

    /// <summary>Where the pixel of a turned square comes from.</summary>
    public static int Source(PictureTurn turn, int y, int x, int side)
    {
        var row = ((int)turn & 2) == 0 ? y : side - 1 - y;
        var column = ((int)turn & 1) == 0 ? x : side - 1 - x;
        return ((int)turn & 4) == 0 ? (row * side) + column : (column * side) + row;
    }
}
