using Sightline.Evaluation;
using Xunit;

namespace Sightline.Tests.Evaluation;

/// <summary>Temperature scaling against scipy's bounded minimisation.</summary>
public sealed class CalibrationTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public void Fit_equals_scipys_minimum(int place)
    {
        var golden = EvaluationGolden.Root.GetProperty("temperatures")[place];

        var fitted = Calibration.Fit(EvaluationGolden.Predictions(golden));

        // scipy stops within about 1e-8 of the logarithm: the loss is flat there.
        Assert.Equal(golden.Number("temperature"), fitted.Temperature, 1e-6);
        Assert.Equal(golden.Number("lossBefore"), fitted.LossBefore, 1e-12);
        Assert.Equal(golden.Number("lossAfter"), fitted.LossAfter, 1e-12);
        Assert.Equal(golden.Number("eceBefore"), fitted.EceBefore, 1e-12);
        Assert.Equal(golden.Number("eceAfter"), fitted.EceAfter, 1e-6);
        Assert.False(fitted.IsAtLimit);
    }

    [Fact]
    public void Fit_without_mistakes_is_at_its_limit()
    {
        var fitted = Calibration.Fit(Make([3, 0, 0, 2], [0, 1]));

        Assert.Equal(0.01, fitted.Temperature);
        Assert.True(fitted.IsAtLimit);
    }

    [Fact]
    public void Fit_worse_than_chance_is_at_the_other_limit()
    {
        var fitted = Calibration.Fit(Make([3, 0, 0, 2], [1, 0]));

        Assert.Equal(100, fitted.Temperature);
        Assert.True(fitted.IsAtLimit);
    }

    [Fact]
    public void Fit_equal_logits_changes_nothing()
    {
        var fitted = Calibration.Fit(Make([1, 1, 4, 4], [0, 1]));

        Assert.Equal(1, fitted.Temperature);
        Assert.False(fitted.IsAtLimit);
    }

    [Fact]
    public void Compute_with_calibration_keeps_the_classes_and_moves_the_probabilities()
    {
        var golden = EvaluationGolden.Root.GetProperty("temperatures")[1];
        var predictions = EvaluationGolden.Predictions(golden);
        var calibration = Calibration.Fit(predictions);

        var result = Metrics.Compute(predictions, new MetricsOptions { BootstrapSamples = 0, Calibration = calibration });

        Assert.NotNull(result.Calibrated);
        Assert.Equal(golden.Number("lossBefore"), result.Loss, 1e-12);
        Assert.Equal(golden.Number("lossAfter"), result.Calibrated.Loss, 1e-12);
        Assert.Equal(calibration.EceAfter, result.Calibrated.Ece, 1e-12);
        Assert.True(result.Calibrated.Ece < result.Ece / 2);
        Assert.Equal(result.Reliability.Sum(bin => bin.Accuracy * bin.Count), result.Calibrated.Reliability.Sum(bin => bin.Accuracy * bin.Count));
    }

    private static Predictions Make(float[] logits, int[] labels) =>
        new() { Classes = ["cat", "dog"], Logits = logits, Labels = labels, Names = [.. labels.Select((_, i) => $"p{i}.png")] };
}
