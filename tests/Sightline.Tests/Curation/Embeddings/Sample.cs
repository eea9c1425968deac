using Sightline.Curation.Embeddings;
using Sightline.Data;
using Sightline.Evaluation;
using Sightline.Inference;
using Sightline.Tests.Curation.Labels;

namespace Sightline.Tests.Curation.Embeddings;

/// <summary>Matrices made in the test.</summary>
internal static class Sample
{
    /// <summary>Rows of length 1, directions by the seed.</summary>
    public static EmbeddingMatrix Random(int count, int dimensions)
    {
        var random = new RandomStream(5);
        return Of([.. Enumerable.Range(0, count).Select(_ => Enumerable.Range(0, dimensions).Select(_ => (float)(random.NextDouble() - 0.5)).ToArray())]);
    }

    /// <summary>The given rows, scaled to length 1.</summary>
    public static EmbeddingMatrix Of(IReadOnlyList<float[]> rows)
    {
        var matrix = new EmbeddingMatrix(rows.Count, rows[0].Length);
        for (var i = 0; i < rows.Count; i++)
        {
            rows[i].CopyTo(matrix.Row(i));
        }

        matrix.Normalize();
        return matrix;
    }

    public static double Cosine(EmbeddingMatrix matrix, int a, int b)
    {
        var sum = 0.0;
        for (var d = 0; d < matrix.Dimensions; d++)
        {
            sum += (double)matrix.Row(a)[d] * matrix.Row(b)[d];
        }

        return sum;
    }

    /// <summary>Splits of a data set with the given vectors; the model's predictions are the labels, but for the rows it has wrong.</summary>
    public static EmbeddedSplits Splits(
        IReadOnlyList<float[]> rows, int[] labels, string[] classes, int validation = 0, int test = 0, int neighbours = 5, int[]? wrong = null)
    {
        var data = TinyPictures.Dataset(labels, classes, null, validation, test);
        var logits = new float[rows.Count * classes.Length];
        for (var i = 0; i < rows.Count; i++)
        {
            logits[(i * classes.Length) + ((labels[i] + (wrong?.Contains(i) == true ? 1 : 0)) % classes.Length)] = 1;
        }

        var predictions = new Predictions { Classes = classes, Logits = logits, Labels = labels, Names = [.. labels.Select((_, i) => $"{i}")] };
        return new EmbeddedSplits(data, Of(rows), predictions, neighbours, null, CancellationToken.None);
    }

    /// <summary>A direction near one of two axes per class, with noise by the seed.</summary>
    public static float[] Near(int axis, int dimensions, double noise, long seed)
    {
        var random = new RandomStream(Seeds.Mix(9, seed));
        return [.. Enumerable.Range(0, dimensions).Select(d => (float)((d == axis ? 1 : 0) + (noise * (random.NextDouble() - 0.5))))];
    }
}
