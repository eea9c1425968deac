namespace Sightline.Evaluation;

/// <summary>What a model said about a labelled set: the input of every metric.</summary>
public sealed record Predictions
{
    /// <summary>Class names by label.</summary>
    public required IReadOnlyList<string> Classes { get; init; }

    /// <summary>Logits, row-major [N,K], not normalised.</summary>
    public required float[] Logits { get; init; }

    /// <summary>True labels, [N], 0..K-1.</summary>
    public required int[] Labels { get; init; }

    /// <summary>Names of the pictures, [N].</summary>
    public required IReadOnlyList<string> Names { get; init; }

    /// <summary>One picture's logits, [K].</summary>
    internal ReadOnlySpan<float> Row(int picture) => Logits.AsSpan(picture * Classes.Count, Classes.Count);

    /// <summary>The class of one picture's largest logit; the first of equals, as the metrics count.</summary>
    internal int Predicted(int picture) => Softmax.Largest(Row(picture));
}
