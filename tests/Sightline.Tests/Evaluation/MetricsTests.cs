using System.Text.Json;
using Sightline.Evaluation;
using Xunit;

namespace Sightline.Tests.Evaluation;

/// <summary>Against tests/golden/metrics.json, made by metrics.py from scikit-learn, scipy and numpy.</summary>
public sealed class MetricsTests
{
    // Both sides work in double precision from the same float32 bits; sums of at most 300 terms differ in the last digits only.
    private const double Tolerance = 1e-12;

    private static readonly JsonElement _golden = EvaluationGolden.Read("metrics.json");

    public static TheoryData<string> Cases() =>
        [.. _golden.GetProperty("cases").EnumerateArray().Select(entry => entry.GetProperty("name").GetString() ?? "")];

    [Theory]
    [MemberData(nameof(Cases))]
    public void Compute_equals_scikit_learn(string name)
    {
        var golden = Golden(name);

        var result = Compute(golden);

        Near(golden, "accuracy", result.Accuracy);
        Near(golden, "top5", result.Top5);
        Near(golden, "loss", result.Loss);
        Near(golden, "balancedAccuracy", result.BalancedAccuracy);
        Near(golden.GetProperty("macro"), result.Macro);
        Near(golden.GetProperty("micro"), result.Micro);
        Near(golden.GetProperty("weighted"), result.Weighted);
        Assert.Equal(
            golden.GetProperty("confusion").EnumerateArray().Select(row => row.EnumerateArray().Select(cell => cell.GetInt32()).ToArray()),
            result.Confusion);
        foreach (var (expected, actual) in golden.GetProperty("perClass").EnumerateArray().Zip(result.PerClass))
        {
            Assert.Equal(expected.GetProperty("support").GetInt32(), actual.Support);
            Near(expected, "precision", actual.Precision);
            Near(expected, "recall", actual.Recall);
            Near(expected, "f1", actual.F1);
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Compute_intervals_equal_scipy_and_numpy(string name)
    {
        var golden = Golden(name);

        var result = Compute(golden);

        Near(golden, "accuracyInterval", result.AccuracyInterval);
        Near(golden, "macroF1Interval", result.MacroF1Interval);
        foreach (var (expected, actual) in golden.GetProperty("perClass").EnumerateArray().Zip(result.PerClass))
        {
            Near(expected, "precisionInterval", actual.PrecisionInterval);
            Near(expected, "recallInterval", actual.RecallInterval);
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Compute_calibration_equals_numpy(string name)
    {
        var golden = Golden(name);

        var result = Compute(golden);

        Near(golden, "ece", result.Ece);
        Near(golden, "maximumCalibrationError", result.MaximumCalibrationError);
        Near(golden, "meanConfidence", result.MeanConfidence);
        var bins = golden.GetProperty("reliability").EnumerateArray().ToArray();
        Assert.Equal(bins.Length, result.Reliability.Count);
        foreach (var (expected, actual) in bins.Zip(result.Reliability))
        {
            Assert.Equal(expected.GetProperty("count").GetInt32(), actual.Count);
            if (actual.Count == 0)
            {
                Assert.Null(actual.Confidence);
                Assert.Null(actual.Accuracy);
            }
            else
            {
                Near(expected, "confidence", actual.Confidence.GetValueOrDefault());
                Near(expected, "accuracy", actual.Accuracy.GetValueOrDefault());
            }
        }
    }

    [Theory]
    [InlineData(float.NaN, "not a number")]
    [InlineData(float.PositiveInfinity, "plus infinity")]
    [InlineData(float.NegativeInfinity, "minus infinity")]
    public void Compute_logit_not_finite_names_the_first_picture(float logit, string word)
    {
        var predictions = Small([1, 0, 0, logit, logit, 0], [0, 1, 1]);

        var problem = Assert.Throws<DataException>(() => Metrics.Compute(predictions));

        Assert.Equal(
            $"The model's output for 'p1.png' is {word}; every logit must be a finite number. The weights have probably diverged: "
            + "evaluate an earlier checkpoint, or train again with a lower learning rate.",
            problem.Message);
    }

    [Fact]
    public void Compute_no_pictures_is_bad_data()
    {
        var problem = Assert.Throws<DataException>(() => Metrics.Compute(Small([], [])));

        Assert.Equal(
            "There are no pictures to evaluate; the set must have at least one. Choose another split or data set.", problem.Message);
    }

    [Fact]
    public void Compute_label_outside_classes_is_refused()
    {
        var problem = Assert.Throws<ArgumentException>(() => Metrics.Compute(Small([1, 0], [2])));

        Assert.StartsWith("A label is 2; with 2 classes it must be from 0 to 1.", problem.Message);
    }

    [Fact]
    public void Compute_wrong_number_of_logits_is_refused()
    {
        var problem = Assert.Throws<ArgumentException>(() => Metrics.Compute(Small([1, 0, 1], [0])));

        Assert.StartsWith("3 logits were given; 1 pictures of 2 classes need 2.", problem.Message);
    }

    [Fact]
    public void Compute_equal_logits_take_the_first_class()
    {
        var result = Metrics.Compute(Small([5, 5, 5, 5], [0, 1]));

        Assert.Equal([[1, 0], [1, 0]], result.Confusion);
    }

    [Fact]
    public void Compute_confidence_on_a_bound_belongs_to_the_lower_bin()
    {
        var predictions = new Predictions { Classes = ["a", "b", "c"], Logits = [2, 2, 2], Labels = [0], Names = ["p.png"] };

        var result = Metrics.Compute(predictions);

        // One third is the upper bound of bin 5 of 15.
        Assert.Equal(1, result.Reliability[4].Count);
    }

    [Fact]
    public void Compute_same_seed_gives_same_interval_and_another_seed_another()
    {
        var golden = Golden("ten classes");

        var first = Compute(golden);
        var again = Compute(golden);
        var other = Metrics.Compute(EvaluationGolden.Predictions(golden), new MetricsOptions { BootstrapSamples = 200, Seed = 8 });

        Assert.Equal(first.MacroF1Interval, again.MacroF1Interval);
        Assert.NotEqual(first.MacroF1Interval, other.MacroF1Interval);
    }

    [Fact]
    public void Compute_without_bootstrap_has_no_interval()
    {
        var result = Metrics.Compute(Small([1, 0], [0]), new MetricsOptions { BootstrapSamples = 0 });

        Assert.Null(result.MacroF1Interval);
    }

    [Fact]
    public void Compute_options_out_of_range_are_named()
    {
        var problem = Assert.Throws<SettingsException>(() =>
            Metrics.Compute(Small([1, 0], [0]), new MetricsOptions { BootstrapSamples = 5, CalibrationBins = 1 }));

        Assert.Equal(
            "BootstrapSamples is 5; it must be 0 (no interval) or from 100 to 100000. Use 1000. "
            + "CalibrationBins is 1; it must be from 2 to 1000. Use 15.",
            problem.Message);
    }

    [Fact]
    public void Default_options_are_sound()
    {
        Assert.Empty(new MetricsOptions().Check());
    }

    [Fact]
    public void ToJson_has_the_names_of_the_contract()
    {
        using var document = JsonDocument.Parse(Metrics.Compute(Small([1, 0], [0])).ToJson());
        var root = document.RootElement;

        var names = root.EnumerateObject().Select(property => property.Name).ToArray();

        Assert.Equal(
            [
                "examples", "accuracy", "accuracyInterval", "top5", "topK", "loss", "balancedAccuracy", "macro", "macroF1Interval", "micro",
                "weighted", "perClass", "confusion", "meanConfidence", "ece", "maximumCalibrationError", "reliability", "bootstrapSamples",
                "bootstrapSeed", "bootstrap", "calibrated", "selective",
            ],
            names);
        foreach (var average in (string[])["macro", "micro", "weighted"])
        {
            Assert.Equal(["precision", "recall", "f1"], root.GetProperty(average).EnumerateObject().Select(property => property.Name));
        }

        Assert.Equal(
            ["name", "support", "predicted", "precision", "recall", "f1", "precisionInterval", "recallInterval"],
            root.GetProperty("perClass")[0].EnumerateObject().Select(property => property.Name));
    }

    [Fact]
    public void FromJson_reads_what_ToJson_wrote()
    {
        var json = Compute(Golden("absent class")).ToJson();

        var again = EvaluationResult.FromJson(json).ToJson();

        Assert.Equal(json, again);
    }

    [Fact]
    public void FromJson_of_something_else_is_bad_data()
    {
        var problem = Assert.Throws<DataException>(() => EvaluationResult.FromJson("{\"accuracy\":1}"));

        Assert.StartsWith("The evaluation document cannot be read: ", problem.Message);
    }

    private static EvaluationResult Compute(JsonElement golden) => Metrics.Compute(
        EvaluationGolden.Predictions(golden),
        new MetricsOptions
        {
            BootstrapSamples = _golden.GetProperty("bootstrapSamples").GetInt32(),
            Seed = _golden.GetProperty("bootstrapSeed").GetInt64(),
            CalibrationBins = _golden.GetProperty("bins").GetInt32(),
        });

    private static Predictions Small(float[] logits, int[] labels) => new()
    {
        Classes = ["cat", "dog"],
        Logits = logits,
        Labels = labels,
        Names = [.. labels.Select((_, i) => $"p{i}.png")],
    };

    private static void Near(JsonElement golden, string name, double actual)
    {
        // Relative for the huge losses, absolute for shares.
        var expected = golden.GetProperty(name).GetDouble();
        Assert.True(Math.Abs(expected - actual) <= Tolerance * Math.Max(1, Math.Abs(expected)), $"{name}: expected {expected:R}, was {actual:R}");
    }

    private static void Near(JsonElement golden, string name, Interval? actual)
    {
        var ends = golden.GetProperty(name);
        Assert.NotNull(actual);
        Assert.Equal(ends[0].GetDouble(), actual.Value.Low, Tolerance);
        Assert.Equal(ends[1].GetDouble(), actual.Value.High, Tolerance);
    }

    private static void Near(JsonElement golden, AveragedMetrics actual)
    {
        Near(golden, "precision", actual.Precision);
        Near(golden, "recall", actual.Recall);
        Near(golden, "f1", actual.F1);
    }

    private static JsonElement Golden(string name) =>
        _golden.GetProperty("cases").EnumerateArray().Single(entry => entry.GetProperty("name").GetString() == name);
}
