namespace Sightline.Cli.Checks;

/// <summary>What <c>data check</c> was told about checks that need a model.</summary>
internal sealed record ModelCheckArguments
{
    /// <summary>Look for wrong labels, by training a model per fold.</summary>
    public bool Labels { get; init; }

    /// <summary>A file of out-of-sample probabilities to look for wrong labels by; null for none.</summary>
    public string? Probabilities { get; init; }

    /// <summary>Keep the folds' probabilities in this file; null for none.</summary>
    public string? SaveProbabilities { get; init; }

    /// <summary>Folder of the run whose embeddings are looked at; null for none.</summary>
    public string? Run { get; init; }

    /// <summary>Clusters of near duplicates that folds keep together, as numbers of the data set's images.</summary>
    public IReadOnlyList<IReadOnlyList<int>> Clusters { get; init; } = [];
}
