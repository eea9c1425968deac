using System.Numerics;

namespace Sightline.Tuning;

/// <summary>Sobol's sequence with Joe and Kuo's direction numbers, plain or scrambled.</summary>
/// <remarks>
/// Sobol 1967 in the Gray-code order of Antonov and Saleev 1979; direction numbers "new-joe-kuo-6.21201" of Joe and Kuo 2008. Scrambling is
/// Matousek's (1998) random linear matrix with a digital shift, the affine form of Owen's nested permutations: each point is uniform in the cube
/// and every power of two of points keeps its even spread.
/// </remarks>
internal sealed class SobolSequence
{
    /// <summary>For how many dimensions direction numbers are carried.</summary>
    public const int MaxDimensions = 256;

    private const int Bits = 32;

    private readonly uint[][] _directions;
    private readonly uint[] _shift;

    /// <summary>Makes a sequence.</summary>
    /// <param name="dimensions">1 to <see cref="MaxDimensions"/>.</param>
    /// <param name="seed">Of the scrambling; null for the plain sequence.</param>
    public SobolSequence(int dimensions, long? seed)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(dimensions, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(dimensions, MaxDimensions);
        _directions = new uint[dimensions][];
        _shift = new uint[dimensions];
        for (var d = 0; d < dimensions; d++)
        {
            _directions[d] = Directions(d);
            if (seed is { } value)
            {
                var random = new RandomStream(Seeds.Mix(value, d, 0x50B01));
                Scramble(_directions[d], ref random);
                _shift[d] = (uint)(random.NextBits() >> 32);
            }
        }
    }

    /// <summary>Writes the point with an index, from 0; each coordinate in [0, 1).</summary>
    public void Point(long index, Span<double> point)
    {
        var gray = (uint)(index ^ (index >> 1));
        for (var d = 0; d < _directions.Length; d++)
        {
            var value = _shift[d];
            for (var bits = gray; bits != 0; bits &= bits - 1)
            {
                value ^= _directions[d][BitOperations.TrailingZeroCount(bits)];
            }

            point[d] = value * (1.0 / (1UL << Bits));
        }
    }

    private static uint[] Directions(int dimension)
    {
        var v = new uint[Bits];
        if (dimension == 0)
        {
            for (var i = 0; i < Bits; i++)
            {
                v[i] = 1u << (Bits - 1 - i);
            }

            return v;
        }

        var (coefficients, m) = SobolDirections.Row(dimension);
        var s = m.Length;
        for (var i = 0; i < Math.Min(s, Bits); i++)
        {
            v[i] = m[i] << (Bits - 1 - i);
        }

        for (var i = s; i < Bits; i++)
        {
            // Joe and Kuo 2008, equation 3, on numbers already shifted to the left.
            v[i] = v[i - s] ^ (v[i - s] >> s);
            for (var k = 1; k < s; k++)
            {
                if (((coefficients >> (s - 1 - k)) & 1) == 1)
                {
                    v[i] ^= v[i - k];
                }
            }
        }

        return v;
    }

    /// <summary>Multiplies by a random lower triangular matrix of bits with ones on its diagonal.</summary>
    private static void Scramble(uint[] directions, ref RandomStream random)
    {
        var rows = new uint[Bits];
        for (var row = 0; row < Bits; row++)
        {
            // Digit `row` of the result, counted from the most significant, mixes the digits before it.
            var above = row == 0 ? 0 : (uint)(random.NextBits() >> 32) & ~(uint.MaxValue >> row);
            rows[row] = above | (1u << (Bits - 1 - row));
        }

        for (var i = 0; i < directions.Length; i++)
        {
            uint value = 0;
            for (var row = 0; row < Bits; row++)
            {
                value |= (uint)(BitOperations.PopCount(rows[row] & directions[i]) & 1) << (Bits - 1 - row);
            }

            directions[i] = value;
        }
    }
}
