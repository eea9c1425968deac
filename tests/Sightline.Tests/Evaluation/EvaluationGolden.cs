using System.Text.Json;
using Sightline.Evaluation;
using Sightline.Tests.Curation.Labels;
using Xunit;

namespace Sightline.Tests.Evaluation;

/// <summary>tests/golden/evaluation.json, made by evaluation.py from scipy and scikit-learn.</summary>
internal static class EvaluationGolden
{
    public static JsonElement Root { get; } = Read("evaluation.json");

    public static MetricsOptions Options { get; } = new()
    {
        BootstrapSamples = Root.GetProperty("bootstrapSamples").GetInt32(),
        Seed = Root.GetProperty("bootstrapSeed").GetInt64(),
    };

    public static double Number(this JsonElement element, string name) => element.GetProperty(name).GetDouble();

    public static double[] Numbers(this JsonElement element, string name) => [.. element.GetProperty(name).EnumerateArray().Select(value => value.GetDouble())];

    public static Predictions Predictions(JsonElement golden)
    {
        var bytes = golden.GetProperty("logits").GetBytesFromBase64();
        var logits = new float[bytes.Length / sizeof(float)];
        Buffer.BlockCopy(bytes, 0, logits, 0, bytes.Length);
        int[] labels = [.. golden.GetProperty("labels").EnumerateArray().Select(label => label.GetInt32())];
        return new Predictions
        {
            Classes = [.. Enumerable.Range(0, golden.GetProperty("classes").GetInt32()).Select(k => $"class {k}")],
            Logits = logits,
            Labels = labels,
            Names = [.. labels.Select((_, i) => $"p{i}.png")],
        };
    }

    /// <summary>Asserts both intervals; scipy's own arithmetic differs in the last digits.</summary>
    public static void Near(JsonElement golden, BootstrapInterval actual)
    {
        Near(golden.GetProperty("percentile"), actual.Percentile);
        Near(golden.GetProperty("BCa"), actual.Bca);
    }

    private static void Near(JsonElement ends, Interval? actual)
    {
        if (ends.ValueKind == JsonValueKind.Null)
        {
            Assert.Null(actual);
            return;
        }

        Assert.NotNull(actual);
        Assert.Equal(ends[0].GetDouble(), actual.Value.Low, 1e-9);
        Assert.Equal(ends[1].GetDouble(), actual.Value.High, 1e-9);
    }

    /// <summary>A JSON file of tests/golden.</summary>
    public static JsonElement Read(string name)
    {
        using var document = JsonDocument.Parse(File.ReadAllText(Shared.Golden(name)));
        return document.RootElement.Clone();
    }
}
