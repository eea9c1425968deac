using Sightline.Numerics;

namespace Sightline.Evaluation;

/// <summary>Nonparametric bootstrap: pictures drawn with replacement, as many as there are.</summary>
internal static class Bootstrap
{
    private const double Low = 0.025;
    private const double High = 0.975;

    /// <summary>An interval of each figure. Each resample has its own random stream, so its draws do not depend on how many came before.</summary>
    public static BootstrapInterval[] Intervals(IResampled figures, int pictures, int samples, long seed)
    {
        var values = Resample(figures, pictures, samples, seed);
        var (whole, acceleration) = Jackknife(figures, pictures);
        var intervals = new BootstrapInterval[figures.Count];
        for (var f = 0; f < intervals.Length; f++)
        {
            Array.Sort(values[f]);
            intervals[f] = new BootstrapInterval(Between(values[f], Low, High), Bca(values[f], whole[f], acceleration[f]));
        }

        return intervals;
    }

    // Figure by figure, [F][B].
    private static double[][] Resample(IResampled figures, int pictures, int samples, long seed)
    {
        var values = Enumerable.Range(0, figures.Count).Select(_ => new double[samples]).ToArray();
        var one = new double[figures.Count];
        for (var b = 0; b < samples; b++)
        {
            figures.Clear();
            var random = new RandomStream(Seeds.Mix(seed, b));
            for (var draw = 0; draw < pictures; draw++)
            {
                figures.Add(random.NextInt(pictures), 1);
            }

            figures.Write(one);
            for (var f = 0; f < one.Length; f++)
            {
                values[f][b] = one[f];
            }
        }

        return values;
    }

    /// <summary>The figures of the whole set, and each one's acceleration (Efron and Tibshirani 1993, equation 14.15); NaN where nothing varies.</summary>
    private static (double[] Whole, double[] Acceleration) Jackknife(IResampled figures, int pictures)
    {
        var whole = new double[figures.Count];
        var acceleration = Enumerable.Repeat(double.NaN, whole.Length).ToArray();
        figures.Clear();
        for (var i = 0; i < pictures; i++)
        {
            figures.Add(i, 1);
        }

        figures.Write(whole);
        if (pictures < 2)
        {
            return (whole, acceleration);
        }

        var without = new double[pictures * whole.Length];
        for (var i = 0; i < pictures; i++)
        {
            figures.Add(i, -1);
            figures.Write(without.AsSpan(i * whole.Length, whole.Length));
            figures.Add(i, 1);
        }

        for (var f = 0; f < whole.Length; f++)
        {
            acceleration[f] = Acceleration(without, f, whole.Length);
        }

        return (whole, acceleration);
    }

    private static double Acceleration(double[] without, int figure, int figures)
    {
        var count = without.Length / figures;
        var mean = 0.0;
        for (var i = figure; i < without.Length; i += figures)
        {
            mean += without[i] / count;
        }

        var (squares, cubes) = (0.0, 0.0);
        for (var i = figure; i < without.Length; i += figures)
        {
            var d = mean - without[i];
            squares += d * d;
            cubes += d * d * d;
        }

        // Differences of rounding only are none.
        return squares <= count * Math.Pow(1e-13 * Math.Max(1, Math.Abs(mean)), 2) ? double.NaN : cubes / (6 * Math.Pow(squares, 1.5));
    }

    private static Interval? Bca(double[] sorted, double whole, double acceleration)
    {
        // Half of the equal resamples count as below, as scipy's bootstrap does.
        var below = (sorted.Count(value => value < whole) + sorted.Count(value => value <= whole)) / (2.0 * sorted.Length);
        var bias = NormalDistribution.Quantile(below);
        if (!double.IsFinite(bias) || !double.IsFinite(acceleration))
        {
            return null;
        }

        double Share(double share)
        {
            var z = bias + NormalDistribution.Quantile(share);
            return NormalDistribution.Cdf(bias + (z / (1 - (acceleration * z))));
        }

        return Between(sorted, Share(Low), Share(High));
    }

    private static Interval Between(double[] sorted, double low, double high) => new(Quantile(sorted, low), Quantile(sorted, high));

    /// <summary>Linear interpolation between order statistics, numpy's default (Hyndman and Fan 1996, type 7).</summary>
    private static double Quantile(double[] sorted, double share)
    {
        var position = (sorted.Length - 1) * share;
        var below = (int)position;
        var above = Math.Min(below + 1, sorted.Length - 1);
        return sorted[below] + ((sorted[above] - sorted[below]) * (position - below));
    }
}
