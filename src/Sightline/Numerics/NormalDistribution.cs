namespace Sightline.Numerics;

/// <summary>The standard normal distribution, exact far into both tails.</summary>
internal static class NormalDistribution
{
    private const double LogRootTwoPi = 0.91893853320467274178;
    private const double RootHalf = 0.70710678118654752440;

    /// <summary>The logarithm of the density.</summary>
    public static double LogDensity(double x) => (-0.5 * x * x) - LogRootTwoPi;

    /// <summary>The distribution function.</summary>
    public static double Cdf(double x) => 0.5 * ErrorFunction.Erfc(-x * RootHalf);

    /// <summary>The value that a share lies below: the inverse of <see cref="Cdf"/>; infinite at 0 and 1.</summary>
    /// <param name="share">0 to 1.</param>
    public static double Quantile(double share) => share <= 0.5 ? InverseLogCdf(Math.Log(Math.Max(share, 0))) : -InverseLogCdf(Math.Log(Math.Max(1 - share, 0)));

    /// <summary>The logarithm of the distribution function; exact for large negative x too.</summary>
    public static double LogCdf(double x)
    {
        if (x > 0)
        {
            return VectorMath.LogOnePlus(-0.5 * ErrorFunction.Erfc(x * RootHalf));
        }

        return x > -1 ? Math.Log(Cdf(x)) : Math.Log(0.5 * ErrorFunction.ScaledErfc(-x * RootHalf)) - (0.5 * x * x);
    }

    /// <summary>The logarithm of the mass between two places.</summary>
    /// <param name="a">The lower place.</param>
    /// <param name="b">The upper place; above <paramref name="a"/>.</param>
    public static double LogMass(double a, double b)
    {
        if (a > 0)
        {
            // The right tail by symmetry: the left one does not cancel.
            (a, b) = (-b, -a);
        }

        if (b <= 0)
        {
            var upper = LogCdf(b);
            return upper + VectorMath.LogOnePlus(-Math.Exp(LogCdf(a) - upper));
        }

        return VectorMath.LogOnePlus(-Cdf(a) - Cdf(-b));
    }

    /// <summary>The place whose distribution function has a logarithm: the inverse of <see cref="LogCdf"/>.</summary>
    /// <param name="logProbability">At most 0.</param>
    public static double InverseLogCdf(double logProbability)
    {
        if (logProbability >= 0)
        {
            return double.PositiveInfinity;
        }

        if (double.IsNegativeInfinity(logProbability))
        {
            return double.NegativeInfinity;
        }

        if (logProbability > -0.01)
        {
            // Near 1 the logarithm has lost its digits: take the other tail.
            return -InverseLogCdf(Math.Log(-VectorMath.ExpMinusOne(logProbability)));
        }

        // Starting points: the tail's own form, or the logistic approximation. Newton in the logarithm converges from both.
        var x = logProbability < -5 ? -Math.Sqrt(-2 * (logProbability + LogRootTwoPi))
            : -Math.Sqrt(3) / Math.PI * Math.Log(VectorMath.ExpMinusOne(-logProbability));
        for (var i = 0; i < 100; i++)
        {
            var logCdf = LogCdf(x);
            var step = (logCdf - logProbability) / Math.Exp(LogDensity(x) - logCdf);
            x -= step;
            if (Math.Abs(step) < 1e-12 * Math.Max(1, Math.Abs(x)))
            {
                break;
            }
        }

        return x;
    }
}
