namespace Sightline.Evaluation;

/// <summary>How well one class is recognised. A ratio without a denominator is 0, as scikit-learn's <c>zero_division=0</c>.</summary>
public sealed record ClassMetrics
{
    /// <summary>The class.</summary>
    public required string Name { get; init; }

    /// <summary>Pictures that truly are of this class; 0 where the set has none.</summary>
    public required int Support { get; init; }

    /// <summary>Pictures that the model takes for this class.</summary>
    public required int Predicted { get; init; }

    /// <summary>Share of the pictures taken for this class that are of it; 0 where none is taken for it.</summary>
    public required double Precision { get; init; }

    /// <summary>Share of the pictures of this class that are recognised; 0 where there are none.</summary>
    public required double Recall { get; init; }

    /// <summary>Harmonic mean of <see cref="Precision"/> and <see cref="Recall"/>; 0 where both are 0.</summary>
    public required double F1 { get; init; }

    /// <summary>Wilson interval of <see cref="Precision"/>; 0 to 1 where none is taken for this class, since nothing is known then.</summary>
    public required Interval PrecisionInterval { get; init; }

    /// <summary>Wilson interval of <see cref="Recall"/>; 0 to 1 where the set has no such picture, since nothing is known then.</summary>
    public required Interval RecallInterval { get; init; }
}
