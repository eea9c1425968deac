using System.Text.Json.Nodes;

namespace Sightline.Tests.Models;

/// <summary>The files that tests/golden/models.py wrote.</summary>
internal static class GoldenFolder
{
    public static string File(string name)
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            var path = Path.Combine(folder.FullName, "tests", "golden", "models", name);
            if (System.IO.File.Exists(path))
            {
                return path;
            }
        }

        throw new FileNotFoundException($"tests/golden/models/{name} is not above {AppContext.BaseDirectory}; run tests/golden/models.py.");
    }

    public static JsonNode Json(string name) => JsonNode.Parse(System.IO.File.ReadAllText(File(name)))!;
}
