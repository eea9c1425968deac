using Sightline.Numerics;

namespace Sightline.Tuning;

/// <summary>How much trying a point promises: log expected improvement plus the log probability that each constraint is met.</summary>
internal sealed class Acquisition(GaussianProcess objective, double? best, IReadOnlyList<(GaussianProcess Model, double Threshold)> constraints)
{
    /// <summary>The dimensions' inverse squared length scales, for scaling the search.</summary>
    public IReadOnlyList<double> InverseSquaredLengths => objective.InverseSquaredLengths;

    /// <summary>Its value at a point.</summary>
    public double Value(double[] point)
    {
        var value = 0.0;
        if (best is { } known)
        {
            var (mean, variance) = objective.Predict(point);
            value += ExpectedImprovement.Log(mean, variance, known);
        }

        foreach (var (model, threshold) in constraints)
        {
            var (mean, variance) = model.Predict(point);
            value += NormalDistribution.LogCdf((threshold - mean) / Math.Sqrt(variance + 1e-12));
        }

        return value;
    }

    /// <summary>Its value and gradient at a point.</summary>
    public double Value(double[] point, Span<double> gradient)
    {
        gradient.Clear();
        var byMean = new double[point.Length];
        var byVariance = new double[point.Length];
        var value = 0.0;
        if (best is { } known)
        {
            var (mean, variance) = objective.Predict(point, byMean, byVariance);
            value += ExpectedImprovement.Log(mean, variance, known, out var meanFactor, out var varianceFactor);
            Add(gradient, byMean, meanFactor, byVariance, varianceFactor);
        }

        foreach (var (model, threshold) in constraints)
        {
            var (mean, variance) = model.Predict(point, byMean, byVariance);
            var deviation = Math.Sqrt(variance + 1e-12);
            var z = (threshold - mean) / deviation;
            var log = NormalDistribution.LogCdf(z);
            value += log;
            var slope = Math.Exp(NormalDistribution.LogDensity(z) - log);
            Add(gradient, byMean, -slope / deviation, byVariance, -slope * z / (2 * deviation * deviation));
        }

        return value;
    }

    private static void Add(Span<double> gradient, double[] byMean, double meanFactor, double[] byVariance, double varianceFactor)
    {
        for (var d = 0; d < gradient.Length; d++)
        {
            gradient[d] += (meanFactor * byMean[d]) + (varianceFactor * byVariance[d]);
        }
    }
}
