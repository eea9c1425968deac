using Sightline.Data;

namespace Sightline.Curation;

/// <summary>How much a finding matters.</summary>
public enum Severity
{
    /// <summary>Worth knowing; training is not harmed.</summary>
    Note,

    /// <summary>Likely to cost accuracy or to flatter it.</summary>
    Warning,

    /// <summary>Makes results wrong: unusable files, pictures of the test split that were trained on.</summary>
    Error,
}

/// <summary>One thing that a check of a data set found.</summary>
public sealed record Finding
{
    /// <summary>What kind, in kebab case: <c>exact-duplicate</c>, <c>leakage</c>, <c>wrong-label</c>, <c>dark</c>, <c>class-imbalance</c> …</summary>
    public required string Kind { get; init; }

    /// <summary>How much it matters.</summary>
    public required Severity Severity { get; init; }

    /// <summary>A picture's name, a class, or a class and split; what a person looks for.</summary>
    public required string Subject { get; init; }

    /// <summary>The pictures concerned, as indices of <see cref="ImageDataset.Images"/>; the one to act on first. Empty for findings about a class or split.</summary>
    public IReadOnlyList<int> Images { get; init; } = [];

    /// <summary>What is wrong, with the value seen and the limit, in plain words.</summary>
    public required string Reason { get; init; }

    /// <summary>The kind's own measure (a distance, a probability, a brightness); null where there is none.</summary>
    public double? Score { get; init; }

    /// <summary>For wrong labels: the class that the evidence speaks for.</summary>
    public string? SuggestedClass { get; init; }
}
