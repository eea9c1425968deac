namespace Sightline.Evaluation;

/// <summary>A picture that the model takes for another class.</summary>
public sealed record Mistake
{
    /// <summary>Its position in the predictions, from 0.</summary>
    public required int Position { get; init; }

    /// <summary>Its name.</summary>
    public required string Name { get; init; }

    /// <summary>The class it is labelled with.</summary>
    public required string TrueClass { get; init; }

    /// <summary>The class the model takes it for.</summary>
    public required string PredictedClass { get; init; }

    /// <summary>Probability of <see cref="PredictedClass"/>, 0..1.</summary>
    public required double Probability { get; init; }

    /// <summary>Probability of <see cref="TrueClass"/>, 0..1.</summary>
    public required double TrueProbability { get; init; }

    /// <summary>
    /// The mistakes with the highest loss first: where the model is surest of a wrong answer. Wrong labels are often among them.
    /// </summary>
    /// <param name="predictions">Logits of the whole set.</param>
    /// <param name="count">How many at most; 0 or more. Equal losses keep the order of the set.</param>
    /// <exception cref="DataException">There is no picture, or a logit is not a finite number; the message names the first such picture.</exception>
    public static IReadOnlyList<Mistake> Worst(Predictions predictions, int count)
    {
        ArgumentNullException.ThrowIfNull(predictions);
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        var scores = Score.All(predictions);
        return [.. Enumerable.Range(0, scores.Length)
            .Where(i => scores[i].Predicted != predictions.Labels[i])
            .OrderByDescending(i => scores[i].Loss)
            .Take(count)
            .Select(i => new Mistake
            {
                Position = i,
                Name = predictions.Names[i],
                TrueClass = predictions.Classes[predictions.Labels[i]],
                PredictedClass = predictions.Classes[scores[i].Predicted],
                Probability = scores[i].Confidence,
                TrueProbability = Math.Exp(-scores[i].Loss),
            })];
    }
}
