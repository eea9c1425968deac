using Sightline.Tuning;
using Xunit;

namespace Sightline.Tests.Tuning;

/// <summary>Against scikit-learn's GaussianProcessRegressor with the same hyperparameters.</summary>
public sealed class GaussianProcessTests
{
    [Fact]
    public void Posterior_equals_scikit_learn()
    {
        foreach (var golden in TuningGolden.Part("process").EnumerateArray())
        {
            var x = golden.Rows("x");
            var model = GaussianProcess.With(x, golden.Row("y"), new bool[x[0].Length],
                [.. golden.Row("lengths").Select(length => 1 / (length * length))], golden.Number("scale"), golden.Number("noise"));
            var predicted = golden.Rows("at").Select(model.Predict).ToList();

            // The smallest noise is 1e-5, so the matrices' condition costs about seven of sixteen digits.
            for (var i = 0; i < predicted.Count; i++)
            {
                Assert.Equal(golden.Row("mean")[i], predicted[i].Mean, 1e-7);
                Assert.Equal(golden.Row("variance")[i], predicted[i].Variance, 1e-7);
            }
        }
    }

    [Fact]
    public void Marginal_likelihood_and_its_gradient_equal_scikit_learn()
    {
        const double floor = 1e-6;
        foreach (var golden in TuningGolden.Part("process").EnumerateArray())
        {
            var (x, lengths, scale, noise) = (golden.Rows("x"), golden.Row("lengths"), golden.Number("scale"), golden.Number("noise"));
            double[] ils = [.. lengths.Select(length => 1 / (length * length))];
            double[] parameters = [.. ils.Select(value => Math.Log(value)), Math.Log(scale), Math.Log(noise - floor)];
            var gradient = new double[parameters.Length];

            var loss = new GpEvidence(x, golden.Row("y"), new bool[lengths.Length], floor).Loss(parameters, gradient);

            // The priors by their definition, taken off; scikit-learn's gradient is in log length, ours in log 1/length^2.
            var prior = -ils.Sum(value => (0.1 / value) + (0.1 * value)) + Math.Log(scale) - scale + (0.1 * Math.Log(noise)) - (30 * noise);
            var expected = golden.GetProperty("gradient");
            Assert.Equal(golden.Number("logLikelihood"), -loss - prior, 1e-7);
            Assert.Equal(-expected.Number("scale") - (1 - scale), gradient[^2], 1e-6);
            Assert.Equal((-expected.Number("noise") * (noise - floor) / noise) + ((noise - floor) * (30 - (0.1 / noise))), gradient[^1], 1e-5);
            for (var d = 0; d < lengths.Length; d++)
            {
                Assert.Equal((0.5 * expected.Row("lengths")[d]) - (0.1 / ils[d]) + (0.1 * ils[d]), gradient[d], 1e-6);
            }
        }
    }

    [Fact]
    public void Gradients_of_the_posterior_equal_differences_in_numeric_dimensions()
    {
        double[][] x = [[0.1, 0, 0.3], [0.6, 1, 0.9], [0.8, 0, 0.2], [0.3, 2, 0.5]];
        var model = GaussianProcess.With(x, [0.5, -1, 1.2, -0.7], [false, true, false], [3, 0.5, 8], 1.3, 1e-4);
        double[] at = [0.45, 1, 0.6];
        var (byMean, byVariance) = (new double[3], new double[3]);

        var (mean, variance) = model.Predict(at, byMean, byVariance);

        var plain = model.Predict(at);
        Assert.Equal(plain.Mean, mean, 1e-12);
        Assert.Equal(plain.Variance, variance, 1e-10);
        foreach (var d in new[] { 0, 2 })
        {
            const double step = 1e-6;
            var up = model.Predict([.. at.Select((value, i) => i == d ? value + step : value)]);
            var down = model.Predict([.. at.Select((value, i) => i == d ? value - step : value)]);
            Assert.Equal((up.Mean - down.Mean) / (2 * step), byMean[d], 1e-6);
            Assert.Equal((up.Variance - down.Variance) / (2 * step), byVariance[d], 1e-6);
        }
    }

    [Fact]
    public void Believed_points_leave_the_mean_and_shrink_the_variance()
    {
        double[][] x = [[0.1], [0.5], [0.9]];
        double[] y = [0.2, -1, 0.8];
        var model = GaussianProcess.With(x, y, [false], [10], 1, 1e-4);

        var believing = model.Believe([[0.3]], y);

        Assert.Equal(model.Predict([0.7]).Mean, believing.Predict([0.7]).Mean, 1e-6);
        Assert.True(believing.Predict([0.3]).Variance < 0.01 * model.Predict([0.3]).Variance);
    }

    [Fact]
    public void Identical_points_and_values_do_not_break_the_fit()
    {
        var x = Enumerable.Range(0, 30).Select(i => i < 20 ? [0.5, 0.5] : new[] { i / 30.0, 0.5 }).ToArray();
        var y = Enumerable.Range(0, 30).Select(i => i < 20 ? 0.0 : 1e-9 * i).ToArray();

        var predicted = GaussianProcess.Fit(x, y, [false, false]).Predict([0.5, 0.5]);

        Assert.True(double.IsFinite(predicted.Mean) && predicted.Variance >= 0);
    }
}
