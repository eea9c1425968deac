namespace Sightline.Numerics;

/// <summary>Wilcoxon's signed-rank test, one-sided.</summary>
/// <remarks>Wilcoxon 1945, with zeros split (Pratt's ranks kept, half to each side) as SciPy's <c>zero_method="zsplit"</c>; exact up to 50 differences
/// without zeros, else the normal approximation corrected for ties.</remarks>
internal static class SignedRankTest
{
    private const int LargestExact = 50;

    /// <summary>The probability of ranks as high as these if the differences were symmetric about 0: small where they lie above 0.</summary>
    /// <param name="differences">At least one; finite.</param>
    public static double Greater(IReadOnlyList<double> differences)
    {
        var n = differences.Count;
        var order = Enumerable.Range(0, n).OrderBy(i => Math.Abs(differences[i])).ToArray();
        var ranks = new double[n];
        var ties = 0.0;
        for (var i = 0; i < n;)
        {
            var j = i + 1;
            while (j < n && Math.Abs(differences[order[j]]) == Math.Abs(differences[order[i]]))
            {
                j++;
            }

            for (var k = i; k < j; k++)
            {
                ranks[order[k]] = (i + j + 1) / 2.0;
            }

            double size = j - i;
            ties += (size * size * size) - size;
            i = j;
        }

        var plus = 0.0;
        var zeros = 0;
        for (var i = 0; i < n; i++)
        {
            plus += differences[i] > 0 ? ranks[i] : differences[i] == 0 ? ranks[i] / 2 : 0;
            zeros += differences[i] == 0 ? 1 : 0;
        }

        if (n <= LargestExact && zeros == 0)
        {
            return Exact(n, (int)plus);
        }

        var mean = n * (n + 1.0) / 4;
        var deviation = Math.Sqrt(((n * (n + 1.0) * ((2.0 * n) + 1)) - (ties / 2)) / 24);
        return deviation == 0 ? 0.5 : NormalDistribution.Cdf(-(plus - mean) / deviation);
    }

    private static double Exact(int n, int plus)
    {
        // How many of the 2^n sign patterns give each rank sum, as shares: add one rank at a time.
        var shares = new double[(n * (n + 1) / 2) + 1];
        shares[0] = 1;
        for (var rank = 1; rank <= n; rank++)
        {
            for (var sum = shares.Length - 1; sum >= 0; sum--)
            {
                shares[sum] = (shares[sum] + (sum >= rank ? shares[sum - rank] : 0)) / 2;
            }
        }

        return Math.Min(1, shares.Skip(plus).Sum());
    }
}
