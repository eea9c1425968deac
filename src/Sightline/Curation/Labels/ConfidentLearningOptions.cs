namespace Sightline.Curation.Labels;

/// <summary>How confident learning flags and ranks labels.</summary>
public sealed record ConfidentLearningOptions
{
    /// <summary>Which labels are flagged. Default: by noise rate.</summary>
    public PruningRule Rule { get; init; } = PruningRule.NoiseRate;

    /// <summary>By what the flagged labels are ordered. Default: the normalised margin.</summary>
    public LabelQuality Quality { get; init; } = LabelQuality.NormalizedMargin;

    /// <summary>Pictures of each class that are never flagged by the counting rules; 0 to 1,000,000. Default 1.</summary>
    public int MinimumPerClass { get; init; } = 1;

    /// <summary>
    /// Whether a label that is itself the most probable class is never flagged. Default on, as in cleanlab: more precise. The flags published
    /// with the paper were made without it.
    /// </summary>
    public bool SpareLikeliest { get; init; } = true;

    /// <summary>All problems with these values, empty when sound.</summary>
    public IEnumerable<string> Check()
    {
        if (MinimumPerClass is < 0 or > 1_000_000)
        {
            yield return $"MinimumPerClass is {MinimumPerClass}; it must be from 0 to 1000000. Use 1.";
        }

        if (!Enum.IsDefined(Rule) || !Enum.IsDefined(Quality))
        {
            yield return $"Rule and Quality are {Rule} and {Quality}; they must be among {string.Join(", ", Enum.GetNames<PruningRule>())}, " +
                $"and among {string.Join(", ", Enum.GetNames<LabelQuality>())}.";
        }
    }
}
