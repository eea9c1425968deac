namespace Sightline.Curation;

/// <summary>What the checks of a data set found.</summary>
public sealed record CheckReport
{
    /// <summary>Where the data set was read from, as the user wrote it.</summary>
    public required string Location { get; init; }

    /// <summary>The data version.</summary>
    public required string Version { get; init; }

    /// <summary>Number of pictures that could be decoded.</summary>
    public required int Pictures { get; init; }

    /// <summary>Number of classes.</summary>
    public required int Classes { get; init; }

    /// <summary>Pictures measured now; the rest came from the cache. Null where no check needed to look at pictures.</summary>
    public required int? Measured { get; init; }

    /// <summary>One entry for each kind that was looked for, in the order of the checks.</summary>
    public required IReadOnlyList<KindOutcome> Kinds { get; init; }

    /// <summary>The findings, in the order of <see cref="Kinds"/>, of each kind the worst first.</summary>
    public required IReadOnlyList<Finding> Findings { get; init; }

    /// <summary>
    /// The pictures of the test and validation splits that are surely in an earlier split too, as indices: leave them out to judge a model without leakage.
    /// </summary>
    public IReadOnlyList<int> LeakedImages() =>
        [.. Findings.Where(finding => finding is { Kind: "leakage", Severity: Severity.Error }).Select(finding => finding.Images[0])];
}
