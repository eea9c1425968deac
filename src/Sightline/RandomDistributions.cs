namespace Sightline;

/// <summary>Distributions other than the uniform one, from a <see cref="RandomStream"/>.</summary>
internal static class RandomDistributions
{
    /// <summary>Normal with mean 0 and deviation 1 (Box and Muller 1958, the cosine half).</summary>
    public static double Normal(ref RandomStream random)
    {
        // 1 - u is above 0, so the logarithm is finite.
        var radius = Math.Sqrt(-2 * Math.Log(1 - random.NextDouble()));
        return radius * Math.Cos(2 * Math.PI * random.NextDouble());
    }

    /// <summary>Gamma with scale 1.</summary>
    /// <param name="shape">Above 0.</param>
    /// <param name="random">Advanced by this.</param>
    /// <remarks>Marsaglia and Tsang 2000, section 6 for shapes below 1.</remarks>
    public static double Gamma(double shape, ref RandomStream random)
    {
        if (shape < 1)
        {
            var boost = Math.Pow(1 - random.NextDouble(), 1 / shape);
            return Gamma(shape + 1, ref random) * boost;
        }

        var d = shape - (1.0 / 3);
        var c = 1 / Math.Sqrt(9 * d);
        while (true)
        {
            var x = Normal(ref random);
            var v = Math.Pow(1 + (c * x), 3);
            if (v > 0 && Math.Log(1 - random.NextDouble()) < (0.5 * x * x) + d - (d * v) + (d * Math.Log(v)))
            {
                return d * v;
            }
        }
    }

    /// <summary>Symmetric Beta.</summary>
    /// <param name="alpha">Both parameters; above 0.</param>
    /// <param name="random">Advanced by this.</param>
    public static double Beta(double alpha, ref RandomStream random)
    {
        var a = Gamma(alpha, ref random);
        var b = Gamma(alpha, ref random);
        // For tiny alpha both may be 0 in floating point; the two ends are then equally likely.
        return a + b > 0 ? a / (a + b) : random.NextInt(2);
    }

    /// <summary>Symmetric Dirichlet: shares that sum to 1.</summary>
    public static void Dirichlet(double alpha, Span<double> shares, ref RandomStream random)
    {
        var sum = 0.0;
        for (var i = 0; i < shares.Length; i++)
        {
            sum += shares[i] = Gamma(alpha, ref random);
        }

        for (var i = 0; i < shares.Length; i++)
        {
            shares[i] = sum > 0 ? shares[i] / sum : 1.0 / shares.Length;
        }
    }
}
