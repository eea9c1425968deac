using Sightline.Numerics;

namespace Sightline.Tuning;

/// <summary>The logarithm of the expected improvement, finite and smooth where the improvement itself underflows.</summary>
/// <remarks>Ament et al. 2023, "Unexpected improvements to expected improvement for Bayesian optimization", equation 9.</remarks>
internal static class ExpectedImprovement
{
    private const double LogRootTwoPi = 0.91893853320467274178;

    /// <summary>Its value; larger is better, as the predicted values are.</summary>
    /// <param name="mean">Predicted.</param>
    /// <param name="variance">Predicted; at least 0.</param>
    /// <param name="best">What is to be surpassed.</param>
    public static double Log(double mean, double variance, double best) => Log(mean, variance, best, out _, out _);

    /// <summary>Its value and its derivatives with respect to mean and variance.</summary>
    public static double Log(double mean, double variance, double best, out double byMean, out double byVariance)
    {
        var deviation = Math.Sqrt(variance + 1e-12);
        var z = (mean - best) / deviation;
        var log = LogUnit(z);
        byMean = Math.Exp(NormalDistribution.LogCdf(z) - log) / deviation;
        byVariance = Math.Exp(NormalDistribution.LogDensity(z) - log) / (2 * deviation * deviation);
        return Math.Log(deviation) + log;
    }

    /// <summary>log(z Phi(z) + phi(z)).</summary>
    internal static double LogUnit(double z)
    {
        // Above -1 nothing cancels; below, the scaled function keeps the digits that the difference would lose.
        if (z > -1)
        {
            return Math.Log((z * NormalDistribution.Cdf(z)) + Math.Exp(NormalDistribution.LogDensity(z)));
        }

        if (z < -1e5)
        {
            // The difference is 1/z^2 there and no longer representable: its own asymptote.
            return (-0.5 * z * z) - LogRootTwoPi - (2 * Math.Log(-z));
        }

        var scaled = Math.Sqrt(Math.PI / 2) * z * ErrorFunction.ScaledErfc(-z / Math.Sqrt(2));
        return z > -50 ? (-0.5 * z * z) - LogRootTwoPi + VectorMath.LogOnePlus(scaled)
            : (-0.5 * z * z) - LogRootTwoPi + Math.Log(Tail(z));
    }

    /// <summary>1 + sqrt(pi/2) z erfcx(-z/sqrt 2) by its asymptotic series; exact to 1e-13 below -50.</summary>
    private static double Tail(double z)
    {
        var inverse = 1 / (z * z);
        return inverse * (1 - (inverse * (3 - (inverse * (15 - (105 * inverse))))));
    }
}
