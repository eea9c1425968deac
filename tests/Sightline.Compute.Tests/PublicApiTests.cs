using PublicApiGenerator;
using Xunit;

namespace Sightline.Compute.Tests;

public sealed class PublicApiTests
{
    [Fact]
    public void Public_api_is_the_approved_one()
    {
        var file = Repository.File("tests", "Sightline.Compute.Tests", "Approved", "api.Sightline.Compute.txt");

        var api = typeof(ComputeException).Assembly.GeneratePublicApi(new ApiGeneratorOptions { IncludeAssemblyAttributes = false }).ReplaceLineEndings("\n").TrimEnd() + "\n";

        if (Environment.GetEnvironmentVariable("SIGHTLINE_APPROVE") == "1")
        {
            Directory.CreateDirectory(Path.GetDirectoryName(file)!);
            File.WriteAllText(file, api);
        }

        Assert.Equal(File.ReadAllText(file).ReplaceLineEndings("\n"), api);
    }

    [Fact]
    public void Compute_does_not_depend_on_LibTorch_or_the_library()
    {
        var names = typeof(ComputeException).Assembly.GetReferencedAssemblies().Select(name => name.Name).ToList();

        Assert.DoesNotContain("TorchSharp", names);
        Assert.DoesNotContain("Sightline", names);
    }
}
