using System.Diagnostics;
using Xunit;

namespace Sightline.Compute.Tests.Monitoring;

/// <summary>Compiles <c>fake_nvml.c</c>, so that the calls into the driver's library are really made.</summary>
public sealed class FakeNvml : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("sightline-test-").FullName;
    private readonly string? _trouble;

    public FakeNvml()
    {
        _trouble = Compile("libnvidia-ml.so.1", Repository.File(Path.Combine("tests", "Sightline.Compute.Tests", "Monitoring", "fake_nvml.c")));
        File.WriteAllText(At("other.c"), "int something(void) { return 0; }\n");
        _trouble ??= Compile("libother.so", At("other.c"));
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

    private string? Compile(string library, string source)
    {
        try
        {
            using var gcc = Process.Start(new ProcessStartInfo("gcc", ["-shared", "-fPIC", "-O1", "-o", At(library), source]) { RedirectStandardError = true })!; // The shell does not run it.
            var error = gcc.StandardError.ReadToEnd();
            gcc.WaitForExit();
            return gcc.ExitCode == 0 ? null : error;
        }
        catch (System.ComponentModel.Win32Exception missing)
        {
            return $"gcc: {missing.Message}";
        }
    }
}
