namespace Sightline.Augment;

/// <summary>One operator of a free list: which, how often, how strong.</summary>
public sealed record OperatorStep
{
    /// <summary>The operator's name, such as <c>rotate</c>; <c>sightline data preview --list-operators</c> lists all with their ranges.</summary>
    public required string Operator { get; init; }

    /// <summary>How often it is applied; above 0, at most 1.</summary>
    public double Probability { get; init; } = 0.5;

    /// <summary>
    /// The largest magnitude, as a share of the operator's range; above 0, at most 1. Each picture's magnitude is drawn evenly between
    /// none and this. Without meaning for operators that are applied or not (flips, grey, equalize, ...).
    /// </summary>
    public double Strength { get; init; } = 0.3;

    /// <summary>All problems with these values, empty when sound.</summary>
    public IEnumerable<string> Check()
    {
        if (OperatorCatalog.All.All(known => known.Name != Operator))
        {
            yield return OperatorCatalog.Unknown(Operator);
        }

        if (Probability is not (> 0 and <= 1))
        {
            yield return $"Probability of '{Operator}' is {Probability}; it must be above 0 and at most 1. Leave the operator out to switch it off.";
        }

        if (Strength is not (> 0 and <= 1))
        {
            yield return $"Strength of '{Operator}' is {Strength}; it must be above 0 and at most 1. Leave the operator out to switch it off.";
        }
    }
}
