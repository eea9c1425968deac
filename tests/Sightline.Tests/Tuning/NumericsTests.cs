using System.Text.Json;
using Sightline.Numerics;
using Sightline.Tuning;
using Xunit;

namespace Sightline.Tests.Tuning;

/// <summary>Against scipy and, where scipy loses digits, mpmath.</summary>
public sealed class NumericsTests
{
    [Fact]
    public void Normal_tails_and_their_inverse_equal_mpmath_and_scipy()
    {
        var golden = TuningGolden.Part("normal");

        Near(golden.Row("logCdf"), golden.Row("x").Select(NormalDistribution.LogCdf), 1e-13);
        Near(golden.Row("cdf"), golden.Row("x").Select(NormalDistribution.Cdf), 1e-13);
        Near(golden.Row("scaledErfc"), golden.Row("scaledErfcAt").Select(ErrorFunction.ScaledErfc), 1e-14);
        Near(golden.Row("inverse"), golden.Row("logs").Select(NormalDistribution.InverseLogCdf), 1e-10);
    }

    [Fact]
    public void Logarithm_of_mass_keeps_its_digits_in_both_tails()
    {
        var golden = TuningGolden.Part("normal");

        Near(golden.Row("logMass"), golden.Rows("intervals").Select(pair => NormalDistribution.LogMass(pair[0], pair[1])), 1e-11);
    }

    [Fact]
    public void Cut_normal_equals_scipy()
    {
        foreach (var golden in TuningGolden.Part("truncated").EnumerateArray())
        {
            var (mean, deviation, low, high) = (golden.Number("mean"), golden.Number("deviation"), golden.Number("low"), golden.Number("high"));

            Near(golden.Row("quantiles"), golden.Row("shares").Select(share => TruncatedNormal.Quantile(share, mean, deviation, low, high)), 1e-9, floor: high - low);
            Near(golden.Row("logDensity"), golden.Row("at").Select(x => TruncatedNormal.LogDensity(x, mean, deviation, low, high)), 1e-9);
        }
    }

    [Fact]
    public void Signed_rank_test_equals_scipy_exactly_and_by_approximation()
    {
        var cases = TuningGolden.Part("wilcoxon").EnumerateArray().ToList();

        Assert.Equal(10, cases.Count);
        Near(cases.Select(golden => golden.Number("greater")), cases.Select(golden => SignedRankTest.Greater(golden.Row("differences"))), 1e-12);
    }

    [Fact]
    public void Log_expected_improvement_equals_mpmath_from_minus_a_million_to_thirty()
    {
        var golden = TuningGolden.Part("improvement");

        Near(golden.Row("logUnit"), golden.Row("z").Select(ExpectedImprovement.LogUnit), 1e-11);
    }

    [Fact]
    public void Derivatives_of_log_expected_improvement_equal_differences()
    {
        foreach (var mean in new[] { -40.0, -3.0, 0.0, 2.0 })
        {
            const double variance = 0.7, best = 0.4, step = 1e-6;
            ExpectedImprovement.Log(mean, variance, best, out var byMean, out var byVariance);

            var differenceByMean = (ExpectedImprovement.Log(mean + step, variance, best) - ExpectedImprovement.Log(mean - step, variance, best)) / (2 * step);
            var differenceByVariance = (ExpectedImprovement.Log(mean, variance + step, best) - ExpectedImprovement.Log(mean, variance - step, best)) / (2 * step);
            Assert.Equal(differenceByMean, byMean, Math.Abs(differenceByMean) * 1e-6);
            Assert.Equal(differenceByVariance, byVariance, Math.Abs(differenceByVariance) * 1e-6);
        }
    }

    [Fact]
    public void Plain_sobol_points_equal_scipy_in_256_dimensions()
    {
        var golden = TuningGolden.Part("sobol");
        var sequence = new SobolSequence(256, seed: null);
        var points = Enumerable.Range(0, 1024).Select(i => Point(sequence, i, 256)).ToArray();

        var expected = golden.Rows("points");
        var rows = golden.Row("rows");
        for (var i = 0; i < rows.Length; i++)
        {
            Assert.Equal(expected[i], points[(int)rows[i]]);
        }

        Near(golden.Row("sums"), Enumerable.Range(0, 256).Select(d => points.Sum(point => point[d])), 1e-12);
    }

    [Fact]
    public void Scrambled_sobol_points_fill_every_cell_once_and_differ_by_seed()
    {
        // A (0, m, 1)-net in each dimension: of 2^m points each interval of length 2^-m holds one. Dimensions 0 and 1 form a (0, m, 2)-net.
        var sequence = new SobolSequence(6, seed: 3);
        var points = Enumerable.Range(0, 64).Select(i => Point(sequence, i, 6)).ToArray();

        for (var d = 0; d < 6; d++)
        {
            Assert.Equal(64, points.Select(point => (int)(point[d] * 64)).Distinct().Count());
        }

        Assert.Equal(64, points.Select(point => ((int)(point[0] * 8), (int)(point[1] * 8))).Distinct().Count());
        Assert.NotEqual(points[5], Point(new SobolSequence(6, seed: 4), 5, 6));
    }

    [Fact]
    public void Bounded_minimiser_reaches_the_bound_and_the_valley()
    {
        // Rosenbrock's minimum (1, 1); with x at most 0.5 the minimum is (0.5, 0.25), by setting the derivative in y to 0.
        static double Rosenbrock(ReadOnlySpan<double> x, Span<double> gradient)
        {
            var a = x[1] - (x[0] * x[0]);
            gradient[0] = (-400 * x[0] * a) - (2 * (1 - x[0]));
            gradient[1] = 200 * a;
            return (100 * a * a) + ((1 - x[0]) * (1 - x[0]));
        }

        double[] free = [-1.2, 1];
        double[] bound = [-1.2, 1];
        BoundedLbfgs.Minimize(Rosenbrock, free, [-5, -5], [5, 5], 1e-8, 500);
        BoundedLbfgs.Minimize(Rosenbrock, bound, [-5, -5], [0.5, 5], 1e-8, 500);

        Near([1, 1], free, 1e-6);
        Near([0.5, 0.25], bound, 1e-6);
    }

    [Fact]
    public void Hypervolume_equals_volumes_counted_by_hand()
    {
        Assert.Equal(1 + 1 + 1, Hypervolume.Of([[0, 2], [1, 1], [5, 5]], [2, 3]), 12);
        // Two boxes of 1 x 2 x 2 and 2 x 1 x 2 sharing 1 x 1 x 2.
        Assert.Equal(4 + 4 - 2, Hypervolume.Of([[1, 0, 0], [0, 1, 0]], [2, 2, 2]), 12);
        Assert.Equal(0, Hypervolume.Of([[2, 2, 2]], [2, 2, 2]));
    }

    internal static void Near(IEnumerable<double> expected, IEnumerable<double> actual, double relative, double floor = 1e-300)
    {
        var pairs = expected.Zip(actual).ToList();
        Assert.NotEmpty(pairs);
        foreach (var (wanted, got) in pairs)
        {
            Assert.True(wanted.Equals(got) || Math.Abs(wanted - got) <= relative * Math.Max(floor, Math.Abs(wanted)), $"{got:R} is not {wanted:R}.");
        }
    }

    private static double[] Point(SobolSequence sequence, int index, int dimensions)
    {
        var point = new double[dimensions];
        sequence.Point(index, point);
        return point;
    }
}
