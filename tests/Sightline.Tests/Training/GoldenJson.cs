using System.Text.Json;

namespace Sightline.Tests.Training;

/// <summary>A JSON file of tests/golden.</summary>
internal static class GoldenJson
{
    public static JsonElement Read(string name)
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            var path = Path.Combine(folder.FullName, "tests", "golden", name + ".json");
            if (File.Exists(path))
            {
                using var document = JsonDocument.Parse(File.ReadAllText(path));
                return document.RootElement.Clone();
            }
        }

        throw new FileNotFoundException($"tests/golden/{name}.json is not above {AppContext.BaseDirectory}; run tests/golden/{name}.py.");
    }

    public static double[] Values(this JsonElement array) => [.. array.EnumerateArray().Select(value => value.GetDouble())];
}
