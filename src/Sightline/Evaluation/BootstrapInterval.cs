namespace Sightline.Evaluation;

/// <summary>Two 95 % bootstrap intervals of one figure.</summary>
/// <param name="Percentile">The middle 95 % of the resamples (Efron and Tibshirani 1993, chapter 13).</param>
/// <param name="Bca">
/// Corrected for bias and skewness (the same, section 14.3): the better one for small sets and figures near 0 or 1. Null where it does not exist,
/// because no resample differs or all lie on one side of the figure.
/// </param>
public sealed record BootstrapInterval(Interval Percentile, Interval? Bca);
