using System.Text.Json;
using Sightline.Cli.CommandLine;
using Sightline.Compute.Jobs;

namespace Sightline.Cli.Jobs;

/// <summary>The running program, to be sent to a host: its folder, and the .NET that it runs on.</summary>
internal static class ToolPack
{
    private const string Dotnet = "dotnet";

    /// <summary>How the program is called here.</summary>
    public static IReadOnlyList<string> Here => [ToolProcess.Program, .. ToolProcess.First];

    /// <summary>The folder of the program.</summary>
    public static FolderPack Program(CancellationToken cancellationToken) => FolderPack.OfFolder(AppContext.BaseDirectory, cancellationToken);

    /// <summary>The program's name in its folder.</summary>
    public static string ProgramName => "Sightline.Cli.dll";

    /// <summary>The .NET that runs this program: the host program, and the frameworks that it names.</summary>
    public static FolderPack Runtime(CancellationToken cancellationToken)
    {
        // .../shared/Microsoft.NETCore.App/10.0.x/
        var framework = Path.GetDirectoryName(typeof(object).Assembly.Location)!; // A library of the framework has a folder.
        var root = Path.GetFullPath(Path.Combine(framework, "..", "..", ".."));
        var version = Path.GetFileName(framework);
        if (!File.Exists(Path.Combine(root, Dotnet)))
        {
            throw new SettingsException($"The .NET that runs this program cannot be sent: '{root}' has no program '{Dotnet}'. Install Sightline on the host and pass its path with --tool.");
        }

        var folders = Frameworks().Append("Microsoft.NETCore.App").Distinct()
            .Select(name => Path.Combine("shared", name, version))
            .Append(Path.Combine("host", "fxr"))
            .Where(folder => Directory.Exists(Path.Combine(root, folder)));
        var files = folders.SelectMany(folder => Directory.EnumerateFiles(Path.Combine(root, folder), "*", SearchOption.AllDirectories)).Append(Path.Combine(root, Dotnet));
        return FolderPack.Of(files.Select(file => PackEntry.OfFile(Path.GetRelativePath(root, file).Replace('\\', '/'), file)), [], null, cancellationToken);
    }

    // Names like Microsoft.AspNetCore.App in the program's runtimeconfig.json.
    private static IEnumerable<string> Frameworks()
    {
        var file = Path.Combine(AppContext.BaseDirectory, "Sightline.Cli.runtimeconfig.json");
        if (!File.Exists(file))
        {
            return [];
        }

        using var document = JsonDocument.Parse(File.ReadAllText(file));
        var options = document.RootElement.GetProperty("runtimeOptions");
        return options.TryGetProperty("frameworks", out var several)
            ? [.. several.EnumerateArray().Select(each => each.GetProperty("name").GetString() ?? "")]
            : [];
    }
}
