using System.Numerics;
using Sightline.Curation.Duplicates;
using Xunit;

namespace Sightline.Tests.Curation;

public sealed class HashJoinTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(7)]
    [InlineData(10)]
    [InlineData(11)]
    [InlineData(16)]
    public void Self_finds_what_comparing_all_finds(int distance)
    {
        var hashes = Planted(3000, seed: 5);
        var expected = new List<HashPair>();
        for (var i = 0; i < hashes.Length; i++)
        {
            for (var j = i + 1; j < hashes.Length; j++)
            {
                Consider(expected, i, j, hashes[i], hashes[j], distance);
            }
        }

        var found = Collect(receive => HashJoin.Self(hashes, distance, receive, CancellationToken.None));

        Assert.NotEmpty(expected);
        Assert.Equal(expected.OrderBy(Key), found.OrderBy(Key));
    }

    [Theory]
    [InlineData(4)]
    [InlineData(10)]
    public void Cross_finds_what_comparing_all_finds(int distance)
    {
        var left = Planted(1500, seed: 6);
        var right = Planted(1200, seed: 7);
        left.AsSpan(0, 100).CopyTo(right);
        var expected = new List<HashPair>();
        for (var i = 0; i < left.Length; i++)
        {
            for (var j = 0; j < right.Length; j++)
            {
                Consider(expected, i, j, left[i], right[j], distance);
            }
        }

        var found = Collect(receive => HashJoin.Cross(left, right, distance, receive, CancellationToken.None));

        Assert.Equal(expected.OrderBy(Key), found.OrderBy(Key));
    }

    [Fact]
    public void Self_finds_all_planted_pairs_among_many()
    {
        var random = new Random(8);
        var hashes = new ulong[60_000];
        var planted = new HashSet<(int, int)>();
        for (var i = 0; i < hashes.Length; i++)
        {
            hashes[i] = (ulong)random.NextInt64(long.MinValue, long.MaxValue);
            if (i % 100 == 99)
            {
                hashes[i] = hashes[i - 50] ^ Bits(random, random.Next(11));
                planted.Add((i - 50, i));
            }
        }

        var found = Collect(receive => HashJoin.Self(hashes, 10, receive, CancellationToken.None));

        Assert.Equal(600, planted.Count);
        Assert.Superset(planted, found.Select(pair => (pair.Left, pair.Right)).ToHashSet());
        Assert.All(found, pair => Assert.Equal(pair.Distance, BitOperations.PopCount(hashes[pair.Left] ^ hashes[pair.Right])));
    }

    [Fact]
    public void Radii_leave_no_hash_out()
    {
        for (var distance = 0; distance <= HashJoin.MaximumDistance; distance++)
        {
            // Were each block farther than its radius, the hash would be farther than the distance.
            Assert.Equal(distance + 1, HashJoin.Radii(distance).Sum(radius => radius + 1));
        }
    }

    private static void Consider(List<HashPair> pairs, int i, int j, ulong a, ulong b, int distance)
    {
        var bits = BitOperations.PopCount(a ^ b);
        if (bits <= distance)
        {
            pairs.Add(new HashPair(i, j, bits));
        }
    }

    private static (int, int) Key(HashPair pair) => (pair.Left, pair.Right);

    private static List<HashPair> Collect(Action<Action<ReadOnlySpan<HashPair>>> search)
    {
        var pairs = new List<HashPair>();
        search(found =>
        {
            lock (pairs)
            {
                pairs.AddRange(found);
            }
        });
        return pairs;
    }

    // A third of them near earlier ones, some equal; crowded in few values, as hashes of pictures of one kind are.
    private static ulong[] Planted(int count, int seed)
    {
        var random = new Random(seed);
        var hashes = new ulong[count];
        for (var i = 0; i < count; i++)
        {
            hashes[i] = i > 0 && i % 3 == 0
                ? hashes[random.Next(i)] ^ Bits(random, random.Next(18))
                : (ulong)random.NextInt64(long.MinValue, long.MaxValue) | 0x8000_0000_00FF_0000;
        }

        return hashes;
    }

    private static ulong Bits(Random random, int count)
    {
        var bits = 0UL;
        while (BitOperations.PopCount(bits) < count)
        {
            bits |= 1UL << random.Next(64);
        }

        return bits;
    }
}
