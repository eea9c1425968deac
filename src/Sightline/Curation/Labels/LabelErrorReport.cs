namespace Sightline.Curation.Labels;

/// <summary>The figures behind the wrong labels of a data set. Its JSON names are a contract with scripts.</summary>
public sealed record LabelErrorReport
{
    /// <summary>Pictures judged.</summary>
    public required int Pictures { get; init; }

    /// <summary>Where the probabilities come from: the file's path, or null where models were trained on folds.</summary>
    public string? ProbabilitiesFrom { get; init; }

    /// <summary>Share of pictures whose most probable class is their label, 0..1: how far the probabilities can be trusted.</summary>
    public required double Agreement { get; init; }

    /// <summary>How many labels are wrong by the confident joint.</summary>
    public required int EstimatedErrors { get; init; }

    /// <summary>Each class's labels.</summary>
    public required IReadOnlyList<ClassNoise> PerClass { get; init; }

    /// <summary>The confident joint [K,K], calibrated: row = given label, column = confident class, in pictures.</summary>
    public required IReadOnlyList<IReadOnlyList<int>> Joint { get; init; }
}
