using System.Diagnostics;
using Xunit;

namespace Sightline.App.Tests.Studio;

/// <summary>The committed script and style are what their sources give.</summary>
public sealed class StudioBundleTests
{
    [Fact]
    public void The_bundle_is_built_from_its_sources()
    {
        var web = Repository.File("src", "Sightline.Studio", "Web");
        Assert.SkipUnless(Directory.Exists(Path.Combine(web, "node_modules", "esbuild")), "esbuild is not installed: 'npm ci' in src/Sightline.Studio/Web installs it.");
        using var folder = new TemporaryFolder();

        Cli.Execute(Cli.Start(web, "node", "build.mjs", folder.Path)).With(ExitCode.Done);

        foreach (var name in new[] { "studio.js", "studio.css" })
        {
            Assert.True(File.ReadAllText(folder.At(name)) == File.ReadAllText(Repository.File("src", "Sightline.Studio", "wwwroot", name)), $"{name} is not what Web/ gives: run 'npm run build' there.");
        }
    }
}
