using Sightline.Evaluation;
using Xunit;

namespace Sightline.Tests.Evaluation;

/// <summary>Thresholds against scikit-learn's precision-recall curve and average precision.</summary>
public sealed class ClassThresholdsTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public void Of_equals_scikit_learn(int place)
    {
        var golden = EvaluationGolden.Root.GetProperty("thresholds")[place];

        var tables = ClassThresholds.Of(EvaluationGolden.Predictions(golden));

        foreach (var (expected, actual) in golden.GetProperty("perClass").EnumerateArray().Zip(tables))
        {
            Assert.Equal(expected.Number("averagePrecision"), actual.AveragePrecision.GetValueOrDefault(), 1e-12);
            Assert.Equal(expected.Number("bestF1"), actual.BestF1.GetValueOrDefault(), 1e-12);
            Assert.Equal(expected.Number("bestThreshold"), actual.BestThreshold.GetValueOrDefault(), 1e-12);
            foreach (var (row, line) in expected.GetProperty("rows").EnumerateArray().Zip(actual.Rows))
            {
                Assert.Equal(row[0].GetInt32(), line.Called);
                Assert.Equal(row[1].GetDouble(), line.Precision, 1e-12);
                Assert.Equal(row[2].GetDouble(), line.Recall, 1e-12);
                Assert.Equal(row[3].GetDouble(), line.F1, 1e-12);
            }
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public void Selective_prediction_equals_numpy(int place)
    {
        var golden = EvaluationGolden.Root.GetProperty("thresholds")[place];

        var selective = Metrics.Compute(EvaluationGolden.Predictions(golden), new MetricsOptions { BootstrapSamples = 0 }).Selective;

        Assert.NotNull(selective);
        Assert.Equal(golden.Number("riskCoverageArea"), selective.RiskCoverageArea, 1e-12);
        foreach (var point in golden.GetProperty("points").EnumerateArray())
        {
            var mine = selective.Points.Single(candidate => candidate.Kept == point[0].GetInt32());
            Assert.Equal(point[1].GetDouble(), mine.Threshold, 1e-12);
            Assert.Equal(point[2].GetDouble(), mine.Accuracy, 1e-12);
        }
    }

    [Fact]
    public void Of_a_class_without_pictures_has_no_best_threshold()
    {
        var predictions = new Predictions { Classes = ["a", "b"], Logits = [1, 0], Labels = [0], Names = ["p.png"] };

        var tables = ClassThresholds.Of(predictions);

        Assert.Null(tables[1].AveragePrecision);
        Assert.Null(tables[1].BestThreshold);
        Assert.Equal(1, tables[0].BestF1);
    }
}
