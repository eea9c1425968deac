using Sightline.Tuning;
using Xunit;

namespace Sightline.Tests.Tuning;

/// <summary>The figures are those of Optuna 5's own tests (tests/samplers_tests/tpe_tests/test_parzen_estimator.py).</summary>
public sealed class ParzenEstimatorTests
{
    private static readonly FloatParameter _number = new("x", -1, 1);

    [Theory]
    [InlineData(new[] { 0.4 }, new[] { 1.4, 2.0 })]
    [InlineData(new[] { -0.3, 0.3 }, new[] { 0.6, 0.6, 2.0 })]
    [InlineData(new[] { 0.3, -0.3 }, new[] { 0.6, 0.6, 2.0 })]
    [InlineData(new double[0], new[] { 2.0 })]
    public void Bandwidths_are_gaps_to_neighbours(double[] observations, double[] expected)
    {
        var estimator = new ParzenEstimator([_number], [.. observations.Select(value => new[] { value })]);

        NumericsTests.Near(expected, estimator.Deviations(0), 1e-12);
    }

    [Fact]
    public void Bandwidths_are_at_least_the_range_over_kernels_and_one()
    {
        var estimator = new ParzenEstimator([_number], [[-0.4], [0.4], [0.41], [0.42]]);

        NumericsTests.Near([0.8, 0.8, 1.0 / 3, 1.0 / 3, 2], estimator.Deviations(0), 1e-12);
    }

    [Fact]
    public void Choices_count_one_observation_and_one_uniform_prior()
    {
        var estimator = new ParzenEstimator([new CategoricalParameter("c", ["a", "b", "c"])], [[1]]);

        NumericsTests.Near([0.2, 0.6, 0.2], estimator.ChoiceProbabilities(0, 0), 1e-12);
        NumericsTests.Near([1.0 / 3, 1.0 / 3, 1.0 / 3], estimator.ChoiceProbabilities(0, 1), 1e-12);
    }

    [Fact]
    public void Old_observations_count_less_from_25_on()
    {
        var few = new ParzenEstimator([_number], [.. Enumerable.Range(0, 24).Select(i => new[] { i / 30.0 })]).KernelWeights;
        var many = new ParzenEstimator([_number], [.. Enumerable.Range(0, 30).Select(i => new[] { i / 30.0 })]).KernelWeights;

        Assert.All(few, weight => Assert.Equal(1.0 / 25, weight, 1e-12));
        // Thirty: five rise from 1/30 to 1 in equal steps, then 25 ones, then the prior's one.
        var sum = Enumerable.Range(0, 5).Sum(i => (1.0 / 30) + (i * (1 - (1.0 / 30)) / 4)) + 26;
        NumericsTests.Near([1.0 / 30 / sum, ((1.0 / 30) + ((1 - (1.0 / 30)) / 4)) / sum], many.Take(2), 1e-12);
        Assert.All(many.Skip(4), weight => Assert.Equal(1 / sum, weight, 1e-12));
    }

    [Fact]
    public void Probabilities_of_a_discrete_space_sum_to_one()
    {
        Parameter[] parameters = [new IntParameter("n", 1, 20) { Log = true }, new FloatParameter("s", 0, 1) { Step = 0.25 }, new CategoricalParameter("c", ["a", "b"])];
        var estimator = new ParzenEstimator(parameters, [[3, 0.5, 1], [17, 0.75, 0], [4, 0, 1]]);

        var sum = 0.0;
        for (var n = 1; n <= 20; n++)
        {
            for (var s = 0; s <= 4; s++)
            {
                sum += Math.Exp(estimator.LogDensity([n, s / 4.0, 0])) + Math.Exp(estimator.LogDensity([n, s / 4.0, 1]));
            }
        }

        Assert.Equal(1, sum, 1e-10);
    }

    [Fact]
    public void Density_of_numbers_integrates_to_one_and_draws_follow_it()
    {
        var estimator = new ParzenEstimator([_number], [[-0.5], [0.8], [0.7]]);
        const int cells = 2000;
        double Mass(double low, double high) => Enumerable.Range(0, cells)
            .Sum(i => Math.Exp(estimator.LogDensity([low + ((high - low) * (i + 0.5) / cells)])) * (high - low) / cells);
        var random = new RandomStream(5);
        var below = 0;
        for (var i = 0; i < 20_000; i++)
        {
            below += estimator.Draw(ref random)[0] < 0.2 ? 1 : 0;
        }

        Assert.Equal(1, Mass(-1, 1), 1e-6);
        // Four standard errors of a share of 20,000 draws.
        Assert.Equal(Mass(-1, 0.2), below / 20_000.0, 0.0142);
    }
}
