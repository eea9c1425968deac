using System.Text.Json;
using Sightline.Tests.Curation.Labels;

namespace Sightline.Tests.Tuning;

/// <summary>Figures of tests/golden/tuning.json, made by tuning.py from scipy, scikit-learn and mpmath.</summary>
internal static class TuningGolden
{
    private static readonly JsonElement _root = JsonDocument.Parse(File.ReadAllText(Shared.Golden("tuning.json"))).RootElement;

    public static JsonElement Part(string name) => _root.GetProperty(name);

    public static double[] Row(this JsonElement element, string name) =>
        [.. element.GetProperty(name).EnumerateArray().Select(value => value.GetDouble())];

    public static double[][] Rows(this JsonElement element, string name) =>
        [.. element.GetProperty(name).EnumerateArray().Select(row => row.EnumerateArray().Select(value => value.GetDouble()).ToArray())];

    public static double Number(this JsonElement element, string name) => element.GetProperty(name).GetDouble();
}
