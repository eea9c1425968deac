namespace Sightline.Evaluation;

/// <summary>The standard normal distribution, which .NET lacks; to about 1e-15.</summary>
internal static class NormalDistribution
{
    /// <summary>Share below <paramref name="x"/>.</summary>
    public static double Below(double x) => 0.5 * Erfc(-x / Math.Sqrt(2));

    /// <summary>The value that a share lies below; infinite at 0 and 1.</summary>
    public static double Quantile(double share)
    {
        if (share is <= 0 or >= 1)
        {
            return share <= 0 ? double.NegativeInfinity : double.PositiveInfinity;
        }

        // Bisection to a hundredth, then Newton: the density is never far from its value there, so six steps are exact.
        var (low, high) = (-39.0, 39.0);
        while (high - low > 0.01)
        {
            var middle = (low + high) / 2;
            (low, high) = Below(middle) < share ? (middle, high) : (low, middle);
        }

        var x = (low + high) / 2;
        for (var i = 0; i < 6; i++)
        {
            x -= (Below(x) - share) * Math.Sqrt(2 * Math.PI) * Math.Exp(x * x / 2);
        }

        return x;
    }

    /// <summary>Complementary error function.</summary>
    public static double Erfc(double x)
    {
        var z = Math.Abs(x);
        var tail = z < 2.5 ? 1 - Series(z) : Fraction(z);
        return x >= 0 ? tail : 2 - tail;
    }

    // erf(z) = 2/sqrt(pi) exp(-z^2) sum 2^n z^(2n+1) / (1 3 5 ... (2n+1)) (Abramowitz and Stegun 7.1.6); all terms are positive.
    private static double Series(double z)
    {
        var term = z;
        var sum = z;
        for (var n = 1; term > 1e-17 * sum; n++)
        {
            term *= 2 * z * z / ((2 * n) + 1);
            sum += term;
        }

        return 2 / Math.Sqrt(Math.PI) * Math.Exp(-z * z) * sum;
    }

    // The continued fraction (Abramowitz and Stegun 7.1.14), from its tail; from 2.5 on, 120 levels are more than enough.
    private static double Fraction(double z)
    {
        var value = z;
        for (var n = 120; n >= 1; n--)
        {
            value = z + (n / 2.0 / value);
        }

        return Math.Exp(-z * z) / (Math.Sqrt(Math.PI) * value);
    }
}
