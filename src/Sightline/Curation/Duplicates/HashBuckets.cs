namespace Sightline.Curation.Duplicates;

/// <summary>64-bit hashes, sorted by one block of 16 bits.</summary>
internal sealed class HashBuckets
{
    /// <summary>Bits of a block.</summary>
    public const int BlockBits = 16;

    /// <summary>Blocks of a hash.</summary>
    public const int Blocks = 4;

    private readonly int[] _starts = new int[(1 << BlockBits) + 1];
    private readonly ulong[] _hashes;
    private readonly int[] _indices;
    private readonly int[] _values;

    /// <summary>Sorts hashes.</summary>
    /// <param name="spread">Hashes as <see cref="Spread"/> gives them.</param>
    /// <param name="block">0 to 3.</param>
    public HashBuckets(ReadOnlySpan<ulong> spread, int block)
    {
        _hashes = new ulong[spread.Length];
        _indices = new int[spread.Length];
        foreach (var hash in spread)
        {
            _starts[Value(hash, block) + 1]++;
        }

        _values = [.. Enumerable.Range(0, 1 << BlockBits).Where(value => _starts[value + 1] > 0)];
        for (var value = 0; value < 1 << BlockBits; value++)
        {
            _starts[value + 1] += _starts[value];
        }

        var next = _starts[..^1];
        for (var i = 0; i < spread.Length; i++)
        {
            var at = next[Value(spread[i], block)]++;
            _hashes[at] = spread[i];
            _indices[at] = i;
        }
    }

    /// <summary>The block values that occur, rising.</summary>
    public ReadOnlySpan<int> Values => _values;

    /// <summary>The hashes whose block has this value.</summary>
    public ReadOnlySpan<ulong> Hashes(int value) => _hashes.AsSpan(_starts[value], _starts[value + 1] - _starts[value]);

    /// <summary>Their indices.</summary>
    public ReadOnlySpan<int> Indices(int value) => _indices.AsSpan(_starts[value], _starts[value + 1] - _starts[value]);

    /// <summary>The bits of a block.</summary>
    public static int Value(ulong hash, int block) => (int)(hash >> (block * BlockBits)) & ((1 << BlockBits) - 1);

    /// <summary>
    /// Exchanges bits so that each block takes every fourth bit: neighbouring bits of a perceptual hash depend on each other, and would crowd
    /// a block's values. Distances stay as they are.
    /// </summary>
    public static ulong[] Spread(ReadOnlySpan<ulong> hashes)
    {
        var result = new ulong[hashes.Length];
        for (var i = 0; i < hashes.Length; i++)
        {
            var spread = 0UL;
            for (var bit = 0; bit < 64; bit++)
            {
                spread |= ((hashes[i] >> bit) & 1) << ((bit % Blocks * BlockBits) + (bit / Blocks));
            }

            result[i] = spread;
        }

        return result;
    }
}
