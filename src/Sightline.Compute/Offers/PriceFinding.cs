namespace Sightline.Compute.Offers;

/// <summary>What became of a row with a defect.</summary>
public enum PriceVerdict
{
    /// <summary>The row is kept with the wrong value corrected or left out.</summary>
    Repaired,
    /// <summary>The row is kept and its offers carry the doubt.</summary>
    Doubtful,
    /// <summary>The row is left out.</summary>
    Rejected,
}

/// <summary>A defect of a price row.</summary>
/// <param name="Row">The row as it came.</param>
/// <param name="Rule">The rule's name.</param>
/// <param name="Verdict">What became of it.</param>
/// <param name="Explanation">What was seen, what is usual, what was done.</param>
public sealed record PriceFinding(PriceRow Row, string Rule, PriceVerdict Verdict, string Explanation);
