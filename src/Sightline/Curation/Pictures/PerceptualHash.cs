namespace Sightline.Curation.Pictures;

/// <summary>
/// The 64-bit perceptual hash (pHash): the picture at 32 x 32 (Lanczos), its luma, the 2-D DCT-II without normalisation, of that the 8 x 8
/// lowest frequencies; a bit is set where the coefficient is at least the median of the 63 that are not the mean. Row by row, first bit highest.
/// </summary>
/// <remarks>
/// Zauner 2010, "Implementation and benchmarking of perceptual image hash functions", in the form of imagededup
/// (idealo/imagededup: imagededup/methods/hashing.py, class PHash, Apache-2.0).
/// </remarks>
internal static class PerceptualHash
{
    /// <summary>Side of the picture that is hashed.</summary>
    public const int Side = 32;

    /// <summary>Number of mirrored and turned copies, itself included.</summary>
    public const int Turns = 8;

    private const int Low = 8;

    // Below this standard deviation of the luma, in levels of 255, the coefficients are compression noise.
    private const double LeastDeviation = 2;

    // Symmetric pictures have coefficients that are zero but for rounding; their sign must not become a bit.
    private const double Zero = 1e-6;

    private static readonly double[] Cosines = MakeCosines();

    /// <summary>The hashes of the eight turns, or none for a picture without structure.</summary>
    /// <param name="luma">32 x 32 levels, row by row.</param>
    public static ulong[] All(ReadOnlySpan<byte> luma)
    {
        if (Deviation(luma) < LeastDeviation)
        {
            return [];
        }

        Span<double> coefficients = stackalloc double[Low * Low];
        Transform(luma, coefficients);
        var hashes = new ulong[Turns];
        Span<double> turned = stackalloc double[Low * Low];
        for (var turn = 0; turn < Turns; turn++)
        {
            // Mirroring a row of samples changes the sign of its odd frequencies; exchanging rows and columns exchanges theirs.
            for (var u = 0; u < Low; u++)
            {
                for (var v = 0; v < Low; v++)
                {
                    var value = (turn & 4) == 0 ? coefficients[(u * Low) + v] : coefficients[(v * Low) + u];
                    turned[(u * Low) + v] = IsNegated(turn, u, v) ? -value : value;
                }
            }

            hashes[turn] = Bits(turned);
        }

        return hashes;
    }

    private static bool IsNegated(int turn, int u, int v) => ((((turn & 1) * v) + ((turn >> 1 & 1) * u)) & 1) != 0;

    private static ulong Bits(ReadOnlySpan<double> coefficients)
    {
        Span<double> others = stackalloc double[(Low * Low) - 1];
        coefficients[1..].CopyTo(others);
        others.Sort();
        var median = others[others.Length / 2];
        var bits = 0UL;
        foreach (var value in coefficients)
        {
            bits = (bits << 1) | (value >= median ? 1UL : 0UL);
        }

        return bits;
    }

    private static void Transform(ReadOnlySpan<byte> luma, Span<double> result)
    {
        Span<double> columns = stackalloc double[Low * Side];
        for (var u = 0; u < Low; u++)
        {
            for (var x = 0; x < Side; x++)
            {
                var sum = 0.0;
                for (var y = 0; y < Side; y++)
                {
                    sum += Cosines[(u * Side) + y] * luma[(y * Side) + x];
                }

                columns[(u * Side) + x] = sum;
            }
        }

        for (var u = 0; u < Low; u++)
        {
            for (var v = 0; v < Low; v++)
            {
                var sum = 0.0;
                for (var x = 0; x < Side; x++)
                {
                    sum += Cosines[(v * Side) + x] * columns[(u * Side) + x];
                }

                result[(u * Low) + v] = Math.Abs(sum) < Zero ? 0 : sum;
            }
        }
    }

    private static double Deviation(ReadOnlySpan<byte> luma)
    {
        var (sum, squares) = (0L, 0L);
        foreach (var level in luma)
        {
            sum += level;
            squares += level * level;
        }

        var mean = (double)sum / luma.Length;
        return Math.Sqrt(Math.Max(0, ((double)squares / luma.Length) - (mean * mean)));
    }

    private static double[] MakeCosines()
    {
        var table = new double[Low * Side];
        for (var k = 0; k < Low; k++)
        {
            for (var n = 0; n < Side; n++)
            {
                table[(k * Side) + n] = 2 * Math.Cos(Math.PI * k * ((2 * n) + 1) / (2 * Side));
            }
        }

        return table;
    }
}
