namespace Sightline.Evaluation;

/// <summary>From one row of logits to class and probabilities.</summary>
internal static class Softmax
{
    /// <summary>The place of the largest logit; the first of equals, as numpy's argmax.</summary>
    /// <param name="logits">[K], K at least 1.</param>
    public static int Largest(ReadOnlySpan<float> logits)
    {
        var place = 0;
        for (var i = 1; i < logits.Length; i++)
        {
            place = logits[i] > logits[place] ? i : place;
        }

        return place;
    }

    /// <summary>The probabilities, 0..1, of sum 1.</summary>
    /// <param name="logits">[K].</param>
    /// <param name="temperature">Divides the logits first; above 0.</param>
    public static double[] Of(ReadOnlySpan<float> logits, double temperature = 1)
    {
        var largest = logits[Largest(logits)];
        var probabilities = new double[logits.Length];
        var sum = 0.0;
        for (var i = 0; i < probabilities.Length; i++)
        {
            sum += probabilities[i] = Math.Exp((logits[i] - largest) / temperature);
        }

        for (var i = 0; i < probabilities.Length; i++)
        {
            probabilities[i] /= sum;
        }

        return probabilities;
    }
}
