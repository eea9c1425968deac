using System.IO.Compression;
using Xunit;

namespace Sightline.App.Tests;

/// <summary>The packages: what is in them, and that the tool installs and runs from its file.</summary>
[Collection("Alone")]
public sealed class PackTests
{
    [Fact]
    public void Tool_installs_from_the_packed_files_and_runs()
    {
        using var folder = new TemporaryFolder();
        Pack(folder, "src/Sightline.Cli/Sightline.Cli.csproj");
        File.WriteAllText(folder.At("nuget.config"),
            $"""<configuration><packageSources><clear /><add key="packed" value="{folder.At("packages")}" /></packageSources></configuration>""");
        var install = Cli.Start(folder.Path, "dotnet", "tool", "install", "Sightline.Cli", "--version", "0.1.0", "--tool-path", folder.At("tool"),
            "--configfile", folder.At("nuget.config"));
        install.Environment["NUGET_PACKAGES"] = folder.At("extracted");
        Cli.Execute(install).With(ExitCode.Done);

        var ended = Cli.Execute(Cli.Start(folder.Path, folder.At("tool", "sightline"), "model", "list", "--json")).With(ExitCode.Done);

        Assert.Contains(ended.Json.EnumerateArray(), model => model.GetProperty("name").GetString() == "resnet18");
        Assert.True(Cli.Execute(Cli.Start(folder.Path, folder.At("tool", "sightline"), "doctor", "--json")).With(ExitCode.Done).Json.GetProperty("healthy").GetBoolean());
    }

    [Fact]
    public void Library_package_carries_code_and_documentation_but_no_natives()
    {
        using var folder = new TemporaryFolder();
        Pack(folder, "src/Sightline/Sightline.csproj");

        using var package = ZipFile.OpenRead(folder.At("packages", "Sightline.0.1.0.nupkg"));

        var names = package.Entries.Select(entry => entry.FullName).ToList();
        Assert.Contains("lib/net10.0/Sightline.dll", names);
        Assert.Contains("lib/net10.0/Sightline.xml", names);
        Assert.Contains("README.md", names);
        Assert.DoesNotContain(names, name => name.Contains("libtorch", StringComparison.OrdinalIgnoreCase));
    }

    private static void Pack(TemporaryFolder folder, string project)
    {
        var pack = Cli.Start(Repository.Root, "dotnet", "pack", project, "-c", "Release", "-o", folder.At("packages"), "--artifacts-path", folder.At("artifacts"),
            "-nologo", "-v:quiet", "-tl:off", "--disable-build-servers");
        Cli.Execute(pack).With(ExitCode.Done);
    }
}
