namespace Sightline.Numerics;

/// <summary>A normal distribution cut to an interval.</summary>
internal static class TruncatedNormal
{
    /// <summary>The value below which a share of the mass lies.</summary>
    /// <param name="share">In [0, 1].</param>
    /// <param name="mean">Of the uncut distribution.</param>
    /// <param name="deviation">Of the uncut distribution; above 0.</param>
    /// <param name="low">The lower cut.</param>
    /// <param name="high">The upper cut; above <paramref name="low"/>.</param>
    public static double Quantile(double share, double mean, double deviation, double low, double high)
    {
        var a = (low - mean) / deviation;
        var b = (high - mean) / deviation;
        double z;
        if (a < 0)
        {
            z = NormalDistribution.InverseLogCdf(LogAdd(NormalDistribution.LogCdf(a), Math.Log(share) + NormalDistribution.LogMass(a, b)));
        }
        else
        {
            z = -NormalDistribution.InverseLogCdf(LogAdd(NormalDistribution.LogCdf(-b), VectorMath.LogOnePlus(-share) + NormalDistribution.LogMass(a, b)));
        }

        return Math.Clamp(mean + (deviation * z), low, high);
    }

    /// <summary>The logarithm of the density at a place inside the interval.</summary>
    public static double LogDensity(double x, double mean, double deviation, double low, double high) =>
        NormalDistribution.LogDensity((x - mean) / deviation) - Math.Log(deviation) -
        NormalDistribution.LogMass((low - mean) / deviation, (high - mean) / deviation);

    private static double LogAdd(double a, double b)
    {
        var max = Math.Max(a, b);
        return double.IsNegativeInfinity(max) ? max : max + VectorMath.LogOnePlus(Math.Exp(Math.Min(a, b) - max));
    }
}
