using System.Numerics;

namespace Sightline.Curation.Duplicates;

/// <summary>
/// Finds all pairs of 64-bit hashes within a Hamming distance, exactly, without comparing all with all: multi-index hashing.
/// </summary>
/// <remarks>
/// Norouzi, Punjani and Fleet 2012, "Fast search in Hamming space with multi-index hashing". The hash is cut into four blocks of 16 bits with radii
/// r0..r3 whose sum is the distance less 3: were each block farther apart than its radius, the whole would be farther than the distance. So for
/// each block only hashes whose block differs by at most its radius are compared, bucket by bucket. A pair that several blocks
/// find counts for the first, so each is reported once and none is stored for that.
/// Memory: 24 bytes a hash for each side and 0.5 MB, besides what the receiver keeps.
/// </remarks>
internal static class HashJoin
{
    /// <summary>Largest distance for which this is of use; beyond it nearly all buckets would be compared.</summary>
    public const int MaximumDistance = 16;

    private const int BatchLength = 4096;

    /// <summary>All pairs of one set, the smaller index left.</summary>
    /// <param name="hashes">The set.</param>
    /// <param name="distance">0 to 16.</param>
    /// <param name="found">Receives pairs in no order; called from several threads at once.</param>
    public static void Self(ReadOnlySpan<ulong> hashes, int distance, Action<ReadOnlySpan<HashPair>> found, CancellationToken cancellationToken)
    {
        var spread = HashBuckets.Spread(hashes);
        Run(spread, spread, distance, isSelf: true, found, cancellationToken);
    }

    /// <summary>All pairs of a hash of the left set and one of the right set.</summary>
    public static void Cross(
        ReadOnlySpan<ulong> left, ReadOnlySpan<ulong> right, int distance, Action<ReadOnlySpan<HashPair>> found, CancellationToken cancellationToken) =>
        Run(HashBuckets.Spread(left), HashBuckets.Spread(right), distance, isSelf: false, found, cancellationToken);

    private static void Run(
        ulong[] left, ulong[] right, int distance, bool isSelf, Action<ReadOnlySpan<HashPair>> found, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(distance);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(distance, MaximumDistance);
        var radii = Radii(distance);
        var options = new ParallelOptions { CancellationToken = cancellationToken, MaxDegreeOfParallelism = Environment.ProcessorCount };
        for (var block = 0; block < HashBuckets.Blocks; block++)
        {
            if (radii[block] < 0)
            {
                continue;
            }

            var leftBuckets = new HashBuckets(left, block);
            var rightBuckets = isSelf ? leftBuckets : new HashBuckets(right, block);
            var masks = Masks(radii[block]);
            var search = new BlockSearch(leftBuckets, rightBuckets, radii, block, distance, isSelf, found);
            Parallel.For(0, leftBuckets.Values.Length, options, () => new List<HashPair>(BatchLength), (i, _, batch) =>
            {
                search.Visit(leftBuckets.Values[i], masks, batch);
                return batch;
            }, batch => Flush(batch, found));
        }
    }

    private static void Flush(List<HashPair> batch, Action<ReadOnlySpan<HashPair>> found)
    {
        if (batch.Count > 0)
        {
            found(System.Runtime.InteropServices.CollectionsMarshal.AsSpan(batch));
            batch.Clear();
        }
    }

    /// <summary>Radii of the blocks, as even as can be; -1 for a block that need not be searched.</summary>
    internal static int[] Radii(int distance)
    {
        var sum = distance - (HashBuckets.Blocks - 1);
        var radii = new int[HashBuckets.Blocks];
        for (var block = 0; block < radii.Length; block++)
        {
            // Rounded up for the rest of the blocks; negative sums leave blocks out.
            var rest = radii.Length - block;
            radii[block] = sum >= 0 ? (sum + rest - 1) / rest : sum <= -rest ? -1 : 0;
            sum -= radii[block];
        }

        return radii;
    }

    // All differences of at most so many bits, that of none first.
    private static int[] Masks(int radius) =>
        [.. Enumerable.Range(0, 1 << HashBuckets.BlockBits).Where(mask => BitOperations.PopCount((uint)mask) <= radius)];

    private sealed class BlockSearch(HashBuckets left, HashBuckets right, int[] radii, int block, int distance, bool isSelf, Action<ReadOnlySpan<HashPair>> found)
    {
        public void Visit(int value, int[] masks, List<HashPair> batch)
        {
            var hashes = left.Hashes(value);
            var indices = left.Indices(value);
            foreach (var mask in masks)
            {
                var other = value ^ mask;

                // Of one set, two buckets meet once.
                if (isSelf && other < value)
                {
                    continue;
                }

                var candidates = right.Hashes(other);
                if (candidates.Length > 0)
                {
                    Compare(hashes, indices, candidates, right.Indices(other), isSelf && mask == 0, batch);
                }
            }
        }

        private void Compare(
            ReadOnlySpan<ulong> hashes, ReadOnlySpan<int> indices, ReadOnlySpan<ulong> candidates, ReadOnlySpan<int> candidateIndices,
            bool isSameBucket, List<HashPair> batch)
        {
            for (var i = 0; i < hashes.Length; i++)
            {
                var hash = hashes[i];
                for (var j = isSameBucket ? i + 1 : 0; j < candidates.Length; j++)
                {
                    var difference = hash ^ candidates[j];
                    var bits = BitOperations.PopCount(difference);
                    if (bits <= distance && IsFirst(difference))
                    {
                        var (a, b) = (indices[i], candidateIndices[j]);
                        batch.Add(isSelf && a > b ? new HashPair(b, a, bits) : new HashPair(a, b, bits));
                    }
                }

                if (batch.Count >= BatchLength)
                {
                    Flush(batch, found);
                }
            }
        }

        private bool IsFirst(ulong difference)
        {
            for (var earlier = 0; earlier < block; earlier++)
            {
                if (BitOperations.PopCount((uint)HashBuckets.Value(difference, earlier)) <= radii[earlier])
                {
                    return false;
                }
            }

            return true;
        }
    }
}
