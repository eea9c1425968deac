using Sightline.Evaluation;
using Xunit;

namespace Sightline.Tests.Evaluation;

/// <summary>The power law against scipy's bounded curve_fit, and what is said of it.</summary>
public sealed class LearningCurveTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public void Fit_is_no_worse_than_scipys_and_says_the_same_of_twice_the_pictures(int place)
    {
        var golden = EvaluationGolden.Root.GetProperty("powerLaws")[place];
        var (sizes, errors) = (golden.Numbers("sizes"), golden.Numbers("errors"));

        var fit = LearningCurveFit.Of(sizes, errors);

        Assert.InRange(sizes.Zip(errors, (n, error) => Math.Pow(fit.At(n) - error, 2)).Sum(), 0, golden.Number("squares") * (1 + 1e-6));
        Assert.Equal(golden.Number("atDouble"), fit.At(2 * sizes[^1]), 1e-4);
        Assert.Equal(golden.Number("exponent"), fit.Exponent, 1e-2);
        Assert.Equal(golden.Number("floor"), fit.Floor, 1e-3);
    }

    [Fact]
    public void Fit_of_an_exact_law_finds_it()
    {
        double[] sizes = [100, 300, 1000, 4000];

        var fit = LearningCurveFit.Of(sizes, Array.ConvertAll(sizes, n => 0.05 + (3 * Math.Pow(n, -0.6))));

        Assert.Equal(0.05, fit.Floor, 1e-6);
        Assert.Equal(0.6, fit.Exponent, 1e-5);
        Assert.Equal(0.05 + (3 * Math.Pow(8000, -0.6)), fit.At(8000), 1e-8);
    }

    [Fact]
    public void Fit_of_a_flat_curve_gains_nothing() => Assert.Equal(0.2, LearningCurveFit.Of([300, 600, 1200], [0.2, 0.2, 0.2]).At(2400), 1e-9);

    [Fact]
    public void Errors_that_fall_by_the_law_ask_for_more_data()
    {
        var result = Result([0.60, 0.74, 0.82, 0.88], 0.999);

        Assert.Equal(LearningCurveVerdict.MoreData, result.Verdict);
        Assert.StartsWith("More data would help: twice the training pictures (2,000)", result.Sentence);
        Assert.True(result.GainOfDouble > 0.02);
        Assert.InRange(result.GainOfDouble, result.GainOfDoubleInterval.Low, result.GainOfDoubleInterval.High);
    }

    [Fact]
    public void A_model_that_does_not_fit_its_own_pictures_asks_for_a_larger_one()
    {
        var result = Result([0.700, 0.701, 0.700, 0.701], 0.705);

        Assert.Equal(LearningCurveVerdict.LargerModel, result.Verdict);
        Assert.Contains("70.5 % of its own training pictures", result.Sentence);
    }

    [Fact]
    public void A_model_with_half_of_its_errors_on_its_own_pictures_asks_for_a_larger_one() =>
        Assert.Equal(LearningCurveVerdict.LargerModel, Result([0.380, 0.381, 0.380, 0.381], 0.51).Verdict);

    [Fact]
    public void A_settled_curve_of_a_model_that_fits_asks_for_neither() =>
        Assert.Equal(LearningCurveVerdict.Neither, Result([0.95, 0.951, 0.95, 0.95], 0.999).Verdict);

    [Fact]
    public void Means_over_folds_carry_the_corrected_error()
    {
        var mean = FoldMean.Of([0.8, 0.9, 1.0]);

        Assert.Equal(0.9, mean.Mean, 1e-12);
        Assert.Equal(0.1, mean.Deviation, 1e-12);
        Assert.Equal(0.1 * Math.Sqrt((1.0 / 3) + (1.0 / 2)), mean.StandardError, 1e-12); // Nadeau and Bengio 2003 with a test share of a third.
    }

    private static LearningCurveResult Result(double[] accuracies, double trained)
    {
        double[] shares = [0.1, 0.25, 0.5, 1];
        var points = shares.Select((share, i) => new LearningCurvePoint
        {
            Share = share,
            Pictures = (int)(1000 * share),
            Accuracy = accuracies[i],
            AccuracyInterval = ConfidenceIntervals.Wilson((int)Math.Round(accuracies[i] * 5000), 5000),
            Examples = 5000,
            TrainAccuracy = trained,
            Epochs = 1,
            Seconds = 1,
            Run = "run",
        }).ToList();
        return LearningCurveResult.Of("data", "test", points, null, null, 1);
    }
}
