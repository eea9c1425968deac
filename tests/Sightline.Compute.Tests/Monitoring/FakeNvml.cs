using Sightline.Tests.Shared;
using Xunit;

namespace Sightline.Compute.Tests.Monitoring;

/// <summary>Compiles <c>fake_nvml.c</c>, so that the calls into the driver's library are really made.</summary>
public sealed class FakeNvml : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("sightline-test-").FullName;
    private readonly string? _trouble;

    public FakeNvml()
    {
        _trouble = CLibrary.Compile(Repository.File(Path.Combine("tests", "Sightline.Compute.Tests", "Monitoring", "fake_nvml.c")), At("libnvidia-ml.so.1"));
        File.WriteAllText(At("other.c"), "int something(void) { return 0; }\n");
        _trouble ??= CLibrary.Compile(At("other.c"), At("libother.so"));
    }

    public string Library
    {
        get
        {
            Assert.SkipWhen(_trouble is not null, $"The stand-in for the driver's library could not be compiled: {_trouble}");
            return At("libnvidia-ml.so.1");
        }
    }

    public string Other => At("libother.so");

    public string At(string name) => Path.Combine(_folder, name);

    public void Dispose() => Directory.Delete(_folder, recursive: true);
}
