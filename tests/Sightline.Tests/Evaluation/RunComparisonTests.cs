using Sightline.Evaluation;
using Xunit;

namespace Sightline.Tests.Evaluation;

/// <summary>Two models on the same pictures, against scipy and scikit-learn.</summary>
public sealed class RunComparisonTests
{
    [Fact]
    public void McNemar_equals_scipys_binomial_test_and_chi_square_tail()
    {
        foreach (var golden in EvaluationGolden.Root.GetProperty("mcnemar").EnumerateArray())
        {
            var test = McNemarTest.Of(golden.GetProperty("first").GetInt32(), golden.GetProperty("second").GetInt32());

            Assert.InRange(test.PValue, golden.Number("p") * (1 - 1e-10), golden.Number("p") * (1 + 1e-10));
            Assert.Equal(golden.GetProperty("statistic").ValueKind == System.Text.Json.JsonValueKind.Null ? null : golden.Number("statistic"), test.Statistic);
            Assert.Equal(test.Statistic is null ? "exact" : "chiSquare", test.Method);
        }
    }

    [Fact]
    public void Of_equals_scipy_and_scikit_learn()
    {
        var golden = EvaluationGolden.Root.GetProperty("comparison");

        var result = RunComparison.Of(
            EvaluationGolden.Predictions(golden.GetProperty("first")), EvaluationGolden.Predictions(golden.GetProperty("second")), EvaluationGolden.Options);

        Assert.Equal(golden.GetProperty("onlyFirst").GetInt32(), result.McNemar.OnlyFirst);
        Assert.Equal(golden.GetProperty("onlySecond").GetInt32(), result.McNemar.OnlySecond);
        Assert.Equal(result.Examples, result.BothRight + result.BothWrong + result.McNemar.OnlyFirst + result.McNemar.OnlySecond);
        Assert.Equal(golden.Number("agreement"), result.Agreement, 1e-12);
        Assert.Equal(golden.Number("accuracy"), result.AccuracyDifference, 1e-12);
        Assert.Equal(golden.Number("macroF1"), result.MacroF1Difference, 1e-12);
        EvaluationGolden.Near(golden.GetProperty("accuracyInterval"), result.AccuracyDifferenceInterval);
        EvaluationGolden.Near(golden.GetProperty("macroF1Interval"), result.MacroF1DifferenceInterval);
        Assert.All(golden.Numbers("holm").Zip(result.PerClass), pair => Assert.Equal(pair.First, pair.Second.AdjustedPValue, 1e-10));
        Assert.StartsWith("The second run is better: +", result.Sentence);
    }

    [Fact]
    public void Of_the_same_model_twice_shows_no_difference()
    {
        var predictions = EvaluationGolden.Predictions(EvaluationGolden.Root.GetProperty("comparison").GetProperty("first"));

        var result = RunComparison.Of(predictions, predictions, EvaluationGolden.Options);

        Assert.Equal(0, result.AccuracyDifference);
        Assert.Equal(1, result.McNemar.PValue);
        Assert.Equal(1, result.Agreement);
        Assert.StartsWith("No difference is shown", result.Sentence);
    }

    [Fact]
    public void Of_other_pictures_is_refused()
    {
        var golden = EvaluationGolden.Root;
        var first = EvaluationGolden.Predictions(golden.GetProperty("comparison").GetProperty("first"));

        Assert.Throws<ArgumentException>(() => RunComparison.Of(first, first with { Labels = [.. first.Labels.Select(label => (label + 1) % 4)] }));
    }
}
