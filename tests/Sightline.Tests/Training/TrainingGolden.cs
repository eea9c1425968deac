using System.Text.Json;

namespace Sightline.Tests.Training;

/// <summary>The figures that tests/golden/training.py took from PyTorch 1.13.</summary>
internal static class TrainingGolden
{
    private static readonly Lazy<JsonDocument> Document = new(Read);

    public static double[] Values(string name) => Document.Value.RootElement.GetProperty(name).EnumerateArray().Select(v => v.GetDouble()).ToArray();

    private static JsonDocument Read()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            var path = Path.Combine(folder.FullName, "tests", "golden", "training.json");
            if (File.Exists(path))
            {
                return JsonDocument.Parse(File.ReadAllText(path));
            }
        }

        throw new FileNotFoundException($"tests/golden/training.json is not above {AppContext.BaseDirectory}; run tests/golden/training.py.");
    }
}
