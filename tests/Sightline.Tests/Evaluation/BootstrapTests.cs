using Sightline.Evaluation;
using Sightline.Numerics;
using Xunit;

namespace Sightline.Tests.Evaluation;

/// <summary>Intervals against scipy's percentile and BCa intervals of the same resamples; the normal distribution against scipy's.</summary>
public sealed class BootstrapTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public void Intervals_equal_scipys(int place)
    {
        var golden = EvaluationGolden.Root.GetProperty("intervals")[place];
        var expected = golden.GetProperty("intervals");

        var bootstrap = Metrics.Compute(EvaluationGolden.Predictions(golden), EvaluationGolden.Options).Bootstrap;

        Assert.NotNull(bootstrap);
        EvaluationGolden.Near(expected.GetProperty("accuracy"), bootstrap.Accuracy);
        EvaluationGolden.Near(expected.GetProperty("balancedAccuracy"), bootstrap.BalancedAccuracy);
        EvaluationGolden.Near(expected.GetProperty("macroPrecision"), bootstrap.MacroPrecision);
        EvaluationGolden.Near(expected.GetProperty("macroRecall"), bootstrap.MacroRecall);
        EvaluationGolden.Near(expected.GetProperty("macroF1"), bootstrap.MacroF1);
        EvaluationGolden.Near(expected.GetProperty("weightedF1"), bootstrap.WeightedF1);
        EvaluationGolden.Near(expected.GetProperty("loss"), bootstrap.Loss);
    }

    [Fact]
    public void Normal_distribution_equals_scipys()
    {
        var golden = EvaluationGolden.Root.GetProperty("normal");
        var x = golden.Numbers("x");

        Assert.All(x.Zip(golden.Numbers("below")), pair => Assert.Equal(pair.Second, NormalDistribution.Cdf(pair.First), 1e-15));
        Assert.All(x.Zip(golden.Numbers("erfc")), pair => Assert.InRange(ErrorFunction.Erfc(pair.First) / pair.Second, 1 - 1e-12, 1 + 1e-12));
        Assert.All(
            golden.Numbers("shares").Zip(golden.Numbers("quantiles")), pair => Assert.Equal(pair.Second, NormalDistribution.Quantile(pair.First), 1e-7));
        Assert.Equal(1.959963984540054, NormalDistribution.Quantile(0.975), 1e-13);
        Assert.Equal(double.NegativeInfinity, NormalDistribution.Quantile(0));
    }
}
