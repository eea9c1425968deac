namespace Sightline.Evaluation.Audit;

/// <summary>How an augmentation audit works, and its thresholds.</summary>
public sealed record AuditOptions
{
    /// <summary>Pictures of each of the two splits (training and validation) that are looked at, spread over the classes; 16 to 100,000.</summary>
    public int Pictures { get; init; } = 256;

    /// <summary>Strengths that are tried, rising, each above 0 and at most 1.</summary>
    public IReadOnlyList<double> Strengths { get; init; } = [0.1, 0.25, 0.5, 1];

    /// <summary>Names of the operators that are tried; empty takes all.</summary>
    public IReadOnlyList<string> Operators { get; init; } = [];

    /// <summary>Seed of the choice of pictures and of the changes.</summary>
    public long Seed { get; init; } = 1;

    /// <summary>
    /// An operator is too strong where the label preservation is surely below this: the upper end of its 95 % interval. 0.75: of the
    /// pictures that the model knows, it loses at least one in four.
    /// </summary>
    public double LeastPreserved { get; init; } = 0.75;

    /// <summary>An operator is also too strong where one class keeps less than this share and most of what it loses goes to one other class.</summary>
    public double LeastPreservedOfClass { get; init; } = 0.5;

    /// <summary>An operator has no effect where the embeddings move by less than this share of the usual distance between two pictures, and 99 % of the labels survive.</summary>
    public double LeastShift { get; init; } = 0.05;

    /// <summary>Validation accuracy of the judging model below which the summary warns; 0..1.</summary>
    public double LeastAccuracy { get; init; } = 0.7;

    /// <summary>Training accuracy less validation accuracy from which on a run overfits.</summary>
    public double LargeGap { get; init; } = 0.05;

    /// <summary>All problems with these values, empty when sound.</summary>
    public IEnumerable<string> Check()
    {
        if (Pictures is < 16 or > 100_000)
        {
            yield return $"Pictures is {Pictures}; it must be from 16 to 100000. Pass --pictures 256.";
        }

        if (Strengths.Count == 0 || Strengths.Any(strength => strength is not (> 0 and <= 1)) || Strengths.Zip(Strengths.Skip(1)).Any(pair => pair.First >= pair.Second))
        {
            yield return $"Strengths are [{string.Join(", ", Strengths)}]; they must rise, each above 0 and at most 1. Pass --strengths 0.1,0.25,0.5,1.";
        }

        foreach (var name in Operators.Where(name => Augment.OperatorCatalog.All.All(known => known.Name != name)))
        {
            yield return Augment.OperatorCatalog.Unknown(name);
        }

        if (LeastPreserved is not (> 0 and <= 1) || LeastPreservedOfClass is not (>= 0 and <= 1) || LeastShift is not (>= 0 and < 1) || LargeGap is not (>= 0 and < 1)
            || LeastAccuracy is not (>= 0 and <= 1))
        {
            yield return $"The thresholds LeastPreserved, LeastPreservedOfClass, LeastShift, LargeGap and LeastAccuracy are {LeastPreserved}, {LeastPreservedOfClass}, {LeastShift}, {LargeGap} and {LeastAccuracy}; " +
                "each must be from 0 to 1.";
        }
    }
}
