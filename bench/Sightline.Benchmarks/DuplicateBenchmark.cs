using System.Diagnostics;
using System.Numerics;
using Sightline.Curation.Duplicates;
using Sightline.Curation.Pictures;

namespace Sightline.Benchmarks;

/// <summary>The search for near hashes beside comparing all with all, on the same hashes and all cores; the pairs must be the same.</summary>
internal static class DuplicateBenchmark
{
    private const int Seed = 1;

    public static void Run(int count, int distance, TextWriter target)
    {
        var hashes = Hashes(count);
        HashJoin.Self(hashes.AsSpan(0, Math.Min(count, 20_000)), distance, _ => { }, CancellationToken.None); // Compiles it.
        var clock = Stopwatch.StartNew();
        var ours = Collect(found => HashJoin.Self(hashes, distance, found, CancellationToken.None));
        var ourSeconds = clock.Elapsed.TotalSeconds;
        var memory = PeakMemoryBytes();
        target.WriteLine($"index        {ourSeconds:f2} s, {ours.Count} pairs, peak memory of the process {memory / 1048576.0:f0} MiB");
        clock.Restart();
        var all = Collect(found => CompareAll(hashes, distance, found));
        target.WriteLine($"brute force  {clock.Elapsed.TotalSeconds:f2} s, {all.Count} pairs");
        target.WriteLine($"same pairs   {ours.SetEquals(all)}, ratio {clock.Elapsed.TotalSeconds / ourSeconds:f1}");
    }

    /// <summary>
    /// The search as a data check does it: pictures as they are, then the seven mirrored and turned copies of each against all. One in a hundred of the
    /// turned hashes is another picture's, with 0 to 10 bits changed; all of these must be found.
    /// </summary>
    public static void RunTurns(int count, int distance, TextWriter target)
    {
        var hashes = Hashes(count);
        var random = new Random(Seed + 1);
        HashJoin.Self(hashes.AsSpan(0, Math.Min(count, 20_000)), distance, _ => { }, CancellationToken.None); // Compiles it.
        long pairs = 0, planted = 0, foundPlanted = 0;
        var turned = new ulong[count];
        var source = new int[count];
        var seconds = 0.0;
        for (var turn = 0; turn < PerceptualHash.Turns; turn++)
        {
            Array.Fill(source, -1);
            for (var i = 0; turn > 0 && i < count; i++)
            {
                turned[i] = (ulong)random.NextInt64(long.MinValue, long.MaxValue);
                if (i % 100 == 0)
                {
                    source[i] = random.Next(count);
                    turned[i] = Changed(hashes[source[i]], random.Next(distance + 1), random);
                    planted++;
                }
            }

            void Receive(ReadOnlySpan<HashPair> found)
            {
                Interlocked.Add(ref pairs, found.Length);
                foreach (var pair in found)
                {
                    if (source[pair.Left] == pair.Right)
                    {
                        Interlocked.Increment(ref foundPlanted);
                    }
                }
            }

            var clock = Stopwatch.StartNew();
            if (turn == 0)
            {
                HashJoin.Self(hashes, distance, Receive, CancellationToken.None);
            }
            else
            {
                HashJoin.Cross(turned, hashes, distance, Receive, CancellationToken.None);
            }

            seconds += clock.Elapsed.TotalSeconds;
        }

        target.WriteLine($"as they are and in {PerceptualHash.Turns - 1} turns: {seconds:f2} s, {pairs} pairs, peak memory of the process {PeakMemoryBytes() / 1048576.0:f0} MiB");
        target.WriteLine($"planted      {planted}, found {foundPlanted}");
    }

    // Random hashes, and one in fifty a copy of an earlier one with 0 to 12 bits changed.
    private static ulong[] Hashes(int count)
    {
        var random = new Random(Seed);
        var hashes = new ulong[count];
        for (var i = 0; i < count; i++)
        {
            hashes[i] = (ulong)random.NextInt64(long.MinValue, long.MaxValue);
            if (i > 0 && i % 50 == 0)
            {
                hashes[i] = Changed(hashes[random.Next(i)], random.Next(13), random);
            }
        }

        return hashes;
    }

    private static ulong Changed(ulong hash, int bits, Random random)
    {
        for (; bits > 0; bits--)
        {
            hash ^= 1UL << random.Next(64);
        }

        return hash;
    }

    private static HashSet<HashPair> Collect(Action<Action<ReadOnlySpan<HashPair>>> search)
    {
        var pairs = new HashSet<HashPair>();
        search(found =>
        {
            lock (pairs)
            {
                foreach (var pair in found)
                {
                    pairs.Add(pair);
                }
            }
        });
        return pairs;
    }

    private static void CompareAll(ulong[] hashes, int distance, Action<ReadOnlySpan<HashPair>> found) => Parallel.For(0, hashes.Length, i =>
    {
        var hash = hashes[i];
        for (var j = i + 1; j < hashes.Length; j++)
        {
            var bits = BitOperations.PopCount(hash ^ hashes[j]);
            if (bits <= distance)
            {
                found([new HashPair(i, j, bits)]);
            }
        }
    });

    private static long PeakMemoryBytes()
    {
        using var process = Process.GetCurrentProcess();
        return process.PeakWorkingSet64;
    }
}
