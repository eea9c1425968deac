namespace Sightline.Curation.Embeddings;

/// <summary>What a model's embedding space says about a data set. Its JSON names are a contract with scripts.</summary>
public sealed record EmbeddingReport
{
    /// <summary>The run whose model was used.</summary>
    public required string Run { get; init; }

    /// <summary>Catalogue name of the model.</summary>
    public required string Model { get; init; }

    /// <summary>Pictures of all splits.</summary>
    public required int Pictures { get; init; }

    /// <summary>Numbers in a picture's vector.</summary>
    public required int Dimensions { get; init; }

    /// <summary>Median cosine distance of a picture to its nearest one.</summary>
    public required double MedianDistance { get; init; }

    /// <summary>Cosine distance up to which two pictures count as near duplicates.</summary>
    public required double NearDistance { get; init; }

    /// <summary>Mean distance to its neighbours above which a picture counts as an outlier.</summary>
    public required double OutlierDistance { get; init; }

    /// <summary>Clusters of near duplicates within a split.</summary>
    public required int NearDuplicateClusters { get; init; }

    /// <summary>Pictures far from all others.</summary>
    public required int Outliers { get; init; }

    /// <summary>Each pair of splits that the data has.</summary>
    public required IReadOnlyList<SplitLeakage> Leakage { get; init; }

    /// <summary>Each class in the order of its labels.</summary>
    public required IReadOnlyList<ClassSpread> PerClass { get; init; }

    /// <summary>Pairs of classes that share neighbours, the largest overlap first; at most 50.</summary>
    public required IReadOnlyList<ClassOverlap> Overlaps { get; init; }
}
