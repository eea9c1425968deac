using Sightline.Numerics;

namespace Sightline.Evaluation;

/// <summary>Whether two models that judged the same pictures differ by more than chance (McNemar 1947).</summary>
public sealed record McNemarTest
{
    /// <summary>From this many pictures on that only one of the models has right, the chi-square form is close enough.</summary>
    private const int LeastForChiSquare = 25;

    /// <summary>Pictures that only the first model has right.</summary>
    public required int OnlyFirst { get; init; }

    /// <summary>Pictures that only the second model has right.</summary>
    public required int OnlySecond { get; init; }

    /// <summary>
    /// Probability of a split at least as uneven if the models were equally good, 0..1. Two-sided.
    /// </summary>
    public required double PValue { get; init; }

    /// <summary><c>exact</c>: the binomial distribution, below 25 such pictures; <c>chiSquare</c>: with continuity correction.</summary>
    public required string Method { get; init; }

    /// <summary>The chi-square statistic, one degree of freedom; null for the exact form.</summary>
    public double? Statistic { get; init; }

    internal static McNemarTest Of(int onlyFirst, int onlySecond)
    {
        var differing = onlyFirst + onlySecond;
        if (differing < LeastForChiSquare)
        {
            return new McNemarTest { OnlyFirst = onlyFirst, OnlySecond = onlySecond, PValue = Exact(Math.Min(onlyFirst, onlySecond), differing), Method = "exact" };
        }

        // Edwards 1948. Equal counts differ by nothing, so nothing is to be corrected there.
        var corrected = Math.Max(0, Math.Abs(onlyFirst - onlySecond) - 1.0);
        var statistic = corrected * corrected / differing;
        return new McNemarTest
        {
            OnlyFirst = onlyFirst,
            OnlySecond = onlySecond,
            PValue = ErrorFunction.Erfc(Math.Sqrt(statistic / 2)),
            Method = "chiSquare",
            Statistic = statistic,
        };
    }

    // Twice the lower tail of a fair coin, at most 1.
    private static double Exact(int fewer, int trials)
    {
        var (term, sum) = (1.0, 0.0);
        for (var k = 0; k <= fewer; k++)
        {
            sum += term;
            term *= (double)(trials - k) / (k + 1);
        }

        return Math.Min(1, 2 * sum / Math.Pow(2, trials));
    }
}
