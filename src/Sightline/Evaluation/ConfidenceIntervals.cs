namespace Sightline.Evaluation;

/// <summary>95 % confidence intervals of shares.</summary>
internal static class ConfidenceIntervals
{
    // The 0.975 quantile of the standard normal distribution.
    private const double Z = 1.959963984540054;

    /// <summary>
    /// Wilson's score interval (1927): unlike the usual p ± z s it never leaves 0..1 and stays honest near 0 and 1.
    /// Of no trials nothing is known: 0 to 1.
    /// </summary>
    public static Interval Wilson(int hits, int trials)
    {
        if (trials == 0)
        {
            return new Interval(0, 1);
        }

        double n = trials;
        var share = hits / n;
        var scale = 1 + Z * Z / n;
        var centre = (share + Z * Z / (2 * n)) / scale;
        var half = Z * Math.Sqrt(share * (1 - share) / n + Z * Z / (4 * n * n)) / scale;

        // At the ends the bound is exactly 0 or 1; rounding would leave it a hair beside.
        return new Interval(hits == 0 ? 0 : centre - half, hits == trials ? 1 : centre + half);
    }
}
