using Sightline.Inference;

namespace Sightline.Curation.Embeddings;

/// <summary>What a model's embedding space says about a data set.</summary>
public sealed record EmbeddingCheckResult
{
    /// <summary>Findings of the kinds <c>embedding-leakage</c>, <c>embedding-near-duplicate</c>, <c>outlier</c>, <c>low-diversity</c> and <c>overlapping-classes</c>.</summary>
    public required IReadOnlyList<Finding> Findings { get; init; }

    /// <summary>The figures behind them.</summary>
    public required EmbeddingReport Report { get; init; }

    /// <summary>Near duplicates within a split, as numbers of the data set's images: what splits and folds keep together.</summary>
    public required IReadOnlyList<IReadOnlyList<int>> Clusters { get; init; }

    /// <summary>Whether the model finds each picture's label, in the order of <see cref="Embeddings"/>; null where it does not know the class.</summary>
    public required IReadOnlyList<bool?> IsRight { get; init; }

    /// <summary>The vectors, scaled to length 1: the rows of the training, the validation and the test pictures, in this order.</summary>
    public required EmbeddingMatrix Embeddings { get; init; }
}
