namespace Sightline.Data.Store;

/// <summary>How a stored version is divided anew.</summary>
public sealed record DatasetSplitOptions
{
    /// <summary>By what; null takes <see cref="SplitMethod.Group"/> where the pictures have groups, else <see cref="SplitMethod.Random"/>.</summary>
    public SplitMethod? Method { get; init; }

    /// <summary>Share of validation; above 0, below 1. Default 0.1. Not used with folds and lists.</summary>
    public double ValidationShare { get; init; } = 0.1;

    /// <summary>Share of test; 0 to below 1. Default 0.1. With folds default 0: every picture is validated once.</summary>
    public double? TestShare { get; init; }

    /// <summary>Number of folds, 2 to 100; each becomes a version in which that fold is validated. Null for a single division.</summary>
    public int? Folds { get; init; }

    /// <summary>Seed of the division.</summary>
    public long Seed { get; init; } = 1;

    /// <summary>Leave the pictures of the test split where they are and divide the others. Default off.</summary>
    public bool KeepTest { get; init; }

    /// <summary>
    /// Pictures that are duplicates of each other, as indices of <see cref="ImageDataset.Images"/> of the version; a cluster stays in one split,
    /// whatever the method. With <see cref="KeepTest"/> a cluster that reaches into the test split goes there.
    /// </summary>
    public IReadOnlyList<IReadOnlyList<int>> Clusters { get; init; } = [];

    /// <summary>For <see cref="SplitMethod.Lists"/>: file of picture names, one a line; a line that ends in '/' means all below that folder. Null: the rest.</summary>
    public string? TrainList { get; init; }

    /// <summary>As <see cref="TrainList"/>, for validation.</summary>
    public string? ValidationList { get; init; }

    /// <summary>As <see cref="TrainList"/>, for test; null for none.</summary>
    public string? TestList { get; init; }

    /// <summary>The share of test that is meant.</summary>
    internal double EffectiveTestShare => KeepTest ? 0 : TestShare ?? (Folds is null ? 0.1 : 0);

    /// <summary>All problems with these values, empty when sound.</summary>
    public IEnumerable<string> Check()
    {
        if (ValidationShare is <= 0 or >= 1 or double.NaN)
        {
            yield return $"The validation share is {ValidationShare}; it must be above 0 and below 1. Pass --validation 0.1.";
        }

        if (TestShare is < 0 or >= 1 or double.NaN)
        {
            yield return $"The test share is {TestShare}; it must be from 0 to below 1. Pass --test 0.1.";
        }

        if (ValidationShare + EffectiveTestShare >= 1)
        {
            yield return $"The shares of validation, {ValidationShare}, and test, {EffectiveTestShare}, leave nothing to train on; their sum must be below 1.";
        }

        if (Folds is < 2 or > 100)
        {
            yield return $"{Folds} folds were asked for; 2 to 100 are possible. Pass --folds 5.";
        }

        if (Folds is not null && Method is SplitMethod.Time or SplitMethod.Lists)
        {
            yield return $"Folds cannot be made by {(Method == SplitMethod.Time ? "time" : "lists")}; use --by random, group or folder.";
        }

        if (Method == SplitMethod.Lists && ValidationList is null)
        {
            yield return "A division by lists needs at least the validation list. Pass --validation-list FILE.";
        }

        if (Method != SplitMethod.Lists && (TrainList ?? ValidationList ?? TestList) is not null)
        {
            yield return "Lists were given, but the division is not by lists. Pass --by lists.";
        }
    }
}
