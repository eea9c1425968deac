namespace Sightline.Tests.Curation.Labels;

/// <summary>Where the files of these tests lie: in the repository, or in the folder of shared data beside it.</summary>
internal static class Shared
{
    /// <summary>A file of tests/golden.</summary>
    public static string Golden(string name) => Above(Path.Combine("tests", "golden", name))
        ?? throw new FileNotFoundException($"tests/golden/{name} is not above {AppContext.BaseDirectory}; run the script of that name.");

    /// <summary>A file or folder of the shared data; null where this machine has none.</summary>
    public static string? Data(params string[] parts) => Above(Path.Combine(["shared", "data", .. parts]));

    private static string? Above(string relative)
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            var path = Path.Combine(folder.FullName, relative);
            if (Path.Exists(path))
            {
                return path;
            }
        }

        return null;
    }
}
