namespace Sightline.Evaluation;

/// <summary>Averages what a model said about several views of the same pictures.</summary>
internal static class MeanPredictions
{
    /// <summary>Logits whose softmax is the mean of the views' softmax.</summary>
    /// <param name="views">The same pictures in the same order each time; at least one.</param>
    public static Predictions Of(IEnumerable<Predictions> views)
    {
        Predictions? first = null;
        double[] sums = [];
        var count = 0;
        foreach (var view in views)
        {
            first ??= view;
            sums = sums.Length == 0 ? new double[view.Logits.Length] : sums;
            Add(view.Logits, view.Classes.Count, sums);
            count++;
        }

        // A probability of 0 in double precision has no logarithm; no softmax of floats distinguishes it from this.
        var logits = sums.Select(sum => (float)Math.Log(Math.Max(sum / count, 1e-300))).ToArray();
        return first is null ? throw new ArgumentException("There are no views.", nameof(views)) : first with { Logits = logits };
    }

    private static void Add(float[] logits, int classes, double[] sums)
    {
        for (var row = 0; row < logits.Length; row += classes)
        {
            var probabilities = Softmax.Of(logits.AsSpan(row, classes));
            for (var i = 0; i < classes; i++)
            {
                sums[row + i] += probabilities[i];
            }
        }
    }
}
