namespace Sightline.Evaluation;

/// <summary>What one row of logits says, computed in double precision.</summary>
/// <param name="Predicted">The first maximum, as numpy's argmax.</param>
/// <param name="Confidence">Softmax probability of <paramref name="Predicted"/>.</param>
/// <param name="Loss">Negative log-likelihood of the true class, nats.</param>
/// <param name="Rank">Classes before the true one: those with a higher logit, and equal ones with a lower label.</param>
internal readonly record struct Score(int Predicted, double Confidence, double Loss, int Rank)
{
    /// <summary>The scores of all rows.</summary>
    /// <param name="predictions">The rows.</param>
    /// <param name="temperature">The logits are divided by this first; above 0. It moves probabilities, never the order.</param>
    public static Score[] All(Predictions predictions, double temperature = 1)
    {
        Check(predictions);
        var classes = predictions.Classes.Count;
        var scores = new Score[predictions.Labels.Length];
        for (var i = 0; i < scores.Length; i++)
        {
            var row = predictions.Row(i);
            foreach (var logit in row)
            {
                if (!float.IsFinite(logit))
                {
                    throw new DataException(
                        $"The model's output for '{predictions.Names[i]}' is {Word(logit)}; every logit must be a finite number. "
                        + "The weights have probably diverged: evaluate an earlier checkpoint, or train again with a lower learning rate.");
                }
            }

            scores[i] = Of(row, predictions.Labels[i], 1 / temperature);
        }

        return scores;
    }

    private static Score Of(ReadOnlySpan<float> logits, int label, double scale)
    {
        var predicted = Softmax.Largest(logits);
        var rank = 0;
        for (var k = 0; k < logits.Length; k++)
        {
            if (logits[k] > logits[label] || (logits[k] == logits[label] && k < label))
            {
                rank++;
            }
        }

        // With the maximum subtracted no exponential overflows and the sum is at least 1.
        double maximum = logits[predicted];
        var sum = 0.0;
        foreach (var logit in logits)
        {
            sum += Math.Exp(scale * (logit - maximum));
        }

        return new Score(predicted, 1 / sum, Math.Log(sum) - (scale * (logits[label] - maximum)), rank);
    }

    private static void Check(Predictions predictions)
    {
        var (classes, count) = (predictions.Classes.Count, predictions.Labels.Length);
        if (count == 0)
        {
            throw new DataException("There are no pictures to evaluate; the set must have at least one. Choose another split or data set.");
        }

        if (predictions.Logits.LongLength != (long)count * classes)
        {
            throw new ArgumentException(
                $"{predictions.Logits.Length} logits were given; {count} pictures of {classes} classes need {(long)count * classes}.",
                nameof(predictions));
        }

        if (predictions.Names.Count != count)
        {
            throw new ArgumentException($"{predictions.Names.Count} names were given for {count} pictures.", nameof(predictions));
        }

        foreach (var label in predictions.Labels)
        {
            if ((uint)label >= (uint)classes)
            {
                throw new ArgumentException($"A label is {label}; with {classes} classes it must be from 0 to {classes - 1}.", nameof(predictions));
            }
        }
    }

    private static string Word(float value) => float.IsNaN(value) ? "not a number" : value > 0 ? "plus infinity" : "minus infinity";
}
