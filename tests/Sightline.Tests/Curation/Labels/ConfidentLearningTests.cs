using System.Text.Json;
using Sightline.Curation.Labels;
using Xunit;

namespace Sightline.Tests.Curation.Labels;

/// <summary>Against tests/golden/label_errors.json, made by label_errors.py in numpy.</summary>
public sealed class ConfidentLearningTests
{
    // Both sides work in double precision from the same float32 bits.
    private const double Tolerance = 1e-12;

    private static readonly JsonElement _golden = JsonDocument.Parse(File.ReadAllText(Shared.Golden("label_errors.json"))).RootElement;

    public static TheoryData<string> Cases() =>
        [.. _golden.GetProperty("cases").EnumerateArray().Select(entry => entry.GetProperty("name").GetString() ?? "")];

    [Theory]
    [MemberData(nameof(Cases))]
    public void Find_equals_numpy_for_every_rule(string name)
    {
        var golden = Golden(name);

        foreach (var rule in Enum.GetValues<PruningRule>())
        {
            var result = Find(golden, new ConfidentLearningOptions { Rule = rule, MinimumPerClass = golden.GetProperty("minimum").GetInt32() });

            var expected = golden.GetProperty("issues").GetProperty(JsonNamingPolicy.CamelCase.ConvertName($"{rule}"));
            Assert.Equal(Integers(expected), result.Issues.Select(issue => issue.Row));
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Find_joint_equals_numpy(string name)
    {
        var golden = Golden(name);

        var result = Find(golden, new ConfidentLearningOptions());

        Near(golden.GetProperty("thresholds"), result.Thresholds);
        Assert.Equal(golden.GetProperty("joint").EnumerateArray().Select(Integers), result.ConfidentJoint);
        Assert.Equal(golden.GetProperty("calibrated").EnumerateArray().Select(Integers), result.CalibratedJoint);
        Assert.Equal(golden.GetProperty("estimatedErrors").GetInt32(), result.EstimatedErrors);
        Assert.Equal(golden.GetProperty("agreement").GetDouble(), result.Agreement, Tolerance);
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Find_quality_equals_numpy(string name)
    {
        var golden = Golden(name);

        foreach (var quality in Enum.GetValues<LabelQuality>())
        {
            var result = Find(golden, new ConfidentLearningOptions { Quality = quality });

            Near(golden.GetProperty("quality").GetProperty(JsonNamingPolicy.CamelCase.ConvertName($"{quality}")), result.Quality);
        }
    }

    [Fact]
    public void Find_suggests_the_most_probable_class()
    {
        float[] rows = [0.9f, 0.1f, 0.8f, 0.2f, 0.1f, 0.9f, 0.2f, 0.8f, 0.95f, 0.05f];

        var result = ConfidentLearning.Find(new ClassProbabilities(rows, 2), [0, 0, 1, 1, 1], new ConfidentLearningOptions());

        var issue = Assert.Single(result.Issues);
        Assert.Equal((4, 1, 0), (issue.Row, issue.Label, issue.Suggested));
        Assert.Equal(0.05, issue.Quality, 1e-6);
    }

    [Fact]
    public void Find_one_class_flags_nothing()
    {
        foreach (var rule in Enum.GetValues<PruningRule>())
        {
            foreach (var quality in Enum.GetValues<LabelQuality>())
            {
                var result = ConfidentLearning.Find(
                    new ClassProbabilities([1, 1, 1], 1), [0, 0, 0], new ConfidentLearningOptions { Rule = rule, Quality = quality });

                Assert.Empty(result.Issues);
                Assert.All(result.Quality, value => Assert.InRange(value, 0, 1));
            }
        }
    }

    [Fact]
    public void Find_class_of_one_picture_is_never_flagged_by_counting()
    {
        float[] rows = [0.1f, 0.9f, 0.1f, 0.9f, 0.2f, 0.8f];

        var result = ConfidentLearning.Find(new ClassProbabilities(rows, 2), [0, 1, 1], new ConfidentLearningOptions());

        Assert.Empty(result.Issues);
    }

    [Theory]
    [InlineData(float.NaN, "NaN")]
    [InlineData(-0.1f, "-0.1")]
    [InlineData(1.5f, "1.5")]
    public void Probabilities_outside_their_range_are_bad_data(float value, string word)
    {
        var problem = Assert.Throws<DataException>(() => new ClassProbabilities([0.5f, 0.5f, 0.5f, value], 2));

        Assert.Equal(
            $"Row 1 of the probabilities has {word} for class 1; every value must be a number from 0 to 1. Give probabilities (softmax of the logits), without gaps.",
            problem.Message);
    }

    [Fact]
    public void Probabilities_that_do_not_sum_to_one_are_bad_data()
    {
        var problem = Assert.Throws<DataException>(() => new ClassProbabilities([0.5f, 0.5f, 0.5f, 0.3f], 2));

        Assert.Equal(
            "Row 1 of the probabilities sums to 0.8; it must be 1 within 0.02. Give probabilities (softmax of the logits) of all 2 classes.",
            problem.Message);
    }

    [Fact]
    public void Find_another_number_of_labels_is_bad_data()
    {
        var problem = Assert.Throws<DataException>(
            () => ConfidentLearning.Find(new ClassProbabilities([1, 0], 2), [0, 1], new ConfidentLearningOptions()));

        Assert.Equal("There are 1 rows of probabilities and 2 labels; there must be one row per picture, in the same order.", problem.Message);
    }

    [Fact]
    public void Find_label_outside_the_classes_is_refused()
    {
        var problem = Assert.Throws<ArgumentException>(
            () => ConfidentLearning.Find(new ClassProbabilities([1, 0], 2), [2], new ConfidentLearningOptions()));

        Assert.StartsWith("Label 0 is 2; with 2 classes it must be from 0 to 1.", problem.Message);
    }

    [Fact]
    public void Default_options_are_sound()
    {
        Assert.Empty(new ConfidentLearningOptions().Check());
        Assert.NotEmpty(new ConfidentLearningOptions { MinimumPerClass = -1 }.Check());
    }

    private static ConfidentLearningResult Find(JsonElement golden, ConfidentLearningOptions options)
    {
        var bytes = golden.GetProperty("probabilities").GetBytesFromBase64();
        var values = new float[bytes.Length / sizeof(float)];
        Buffer.BlockCopy(bytes, 0, values, 0, bytes.Length);
        return ConfidentLearning.Find(
            new ClassProbabilities(values, golden.GetProperty("classes").GetInt32()), Integers(golden.GetProperty("labels")), options);
    }

    private static JsonElement Golden(string name) =>
        _golden.GetProperty("cases").EnumerateArray().Single(entry => entry.GetProperty("name").GetString() == name);

    private static int[] Integers(JsonElement list) => [.. list.EnumerateArray().Select(value => value.GetInt32())];

    private static void Near(JsonElement expected, IReadOnlyList<double> actual)
    {
        Assert.Equal(expected.GetArrayLength(), actual.Count);
        foreach (var (wanted, got) in expected.EnumerateArray().Zip(actual))
        {
            Assert.Equal(wanted.GetDouble(), got, Tolerance);
        }
    }
}
