using System.Numerics;
using System.Runtime.InteropServices;
using Sightline.Inference;
using Sightline.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace Sightline.Curation.Embeddings;

/// <summary>The nearest rows of each of a range of rows, by cosine distance (1 - cosine), nearest first.</summary>
internal sealed class Neighbours
{
    private const int QueryBlock = 512;
    private const int BaseBlock = 4096;

    private readonly int[] _rows;
    private readonly float[] _similarities;

    private Neighbours(int first, int count, int k)
    {
        (First, Count, K) = (first, count, k);
        _rows = new int[count * k];
        _similarities = new float[count * k];
        Array.Fill(_rows, -1);
        Array.Fill(_similarities, float.NegativeInfinity);
    }

    public int First { get; }

    public int Count { get; }

    public int K { get; }

    /// <summary>
    /// Exact search by blocks of the product of the two ranges; of equally near rows the first is taken. Memory: two blocks and their product.
    /// </summary>
    /// <param name="unit">Rows of length 1.</param>
    /// <param name="queries">The rows whose neighbours are wanted.</param>
    /// <param name="bases">The rows among which they are looked for; a row is no neighbour of itself.</param>
    /// <param name="k">How many.</param>
    /// <param name="done">Told how many pairs each block had; null for silence.</param>
    public static Neighbours Find(
        EmbeddingMatrix unit,
        (int First, int Count) queries,
        (int First, int Count) bases,
        int k,
        CancellationToken cancel,
        Action<long>? done = null)
    {
        var found = new Neighbours(queries.First, queries.Count, k);
        var device = Devices.Choose("auto");
        using var inference = inference_mode();
        for (var b = 0; b < bases.Count; b += BaseBlock)
        {
            using var outer = NewDisposeScope();
            var baseRows = Math.Min(BaseBlock, bases.Count - b);
            var columns = tensor(unit.Copy(bases.First + b, baseRows)).reshape(baseRows, unit.Dimensions).to(device).t();
            for (var q = 0; q < queries.Count; q += QueryBlock)
            {
                using var scope = NewDisposeScope();
                cancel.ThrowIfCancellationRequested();
                var queryRows = Math.Min(QueryBlock, queries.Count - q);
                var product = tensor(unit.Copy(queries.First + q, queryRows)).reshape(queryRows, unit.Dimensions).to(device).mm(columns).cpu();
                var similarities = MemoryMarshal.Cast<byte, float>(product.bytes);
                for (var i = 0; i < queryRows; i++)
                {
                    found.Take(q + i, similarities.Slice(i * baseRows, baseRows), bases.First + b);
                }

                done?.Invoke((long)queryRows * baseRows);
            }
        }

        return found;
    }

    /// <summary>The nearest of several searches for the same rows; equal ones in the order of the searches.</summary>
    public static Neighbours Merge(IReadOnlyList<Neighbours> parts)
    {
        var merged = new Neighbours(parts[0].First, parts[0].Count, parts[0].K);
        foreach (var part in parts)
        {
            for (var i = 0; i < part.Count; i++)
            {
                for (var n = 0; n < part.K && part._rows[(i * part.K) + n] >= 0; n++)
                {
                    merged.Insert(i, part._rows[(i * part.K) + n], part._similarities[(i * part.K) + n]);
                }
            }
        }

        return merged;
    }

    /// <summary>Rows of the neighbours of the query at a place of the range, nearest first; fewer than K where there are no more.</summary>
    public ReadOnlySpan<int> Rows(int place)
    {
        var rows = _rows.AsSpan(place * K, K);
        var end = rows.IndexOf(-1);
        return end < 0 ? rows : rows[..end];
    }

    /// <summary>Cosine distance, 0..2, of the neighbour of a rank.</summary>
    public double Distance(int place, int rank) => Math.Max(0, 1 - (double)_similarities[(place * K) + rank]);

    // Nearly all similarities lie below the worst kept one, so whole vectors are passed over.
    private void Take(int place, ReadOnlySpan<float> similarities, int firstRow)
    {
        var self = First + place - firstRow;
        var worst = (place * K) + K - 1;
        var i = 0;
        for (; i <= similarities.Length - Vector<float>.Count; i += Vector<float>.Count)
        {
            if (Vector.GreaterThanAny(new Vector<float>(similarities[i..]), new Vector<float>(_similarities[worst])))
            {
                Pick(i, i + Vector<float>.Count, similarities);
            }
        }

        Pick(i, similarities.Length, similarities);

        void Pick(int from, int to, ReadOnlySpan<float> values)
        {
            for (var j = from; j < to; j++)
            {
                if (values[j] > _similarities[worst] && j != self)
                {
                    Insert(place, firstRow + j, values[j]);
                }
            }
        }
    }

    private void Insert(int place, int row, float similarity)
    {
        var at = (place * K) + K - 1;
        if (similarity <= _similarities[at])
        {
            return;
        }

        for (; at > place * K && similarity > _similarities[at - 1]; at--)
        {
            (_rows[at], _similarities[at]) = (_rows[at - 1], _similarities[at - 1]);
        }

        (_rows[at], _similarities[at]) = (row, similarity);
    }
}
