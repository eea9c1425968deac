using System.Diagnostics;
using Sightline.Native;
using Xunit;

namespace Sightline.Tests.Native;

public sealed class ElfVersionPatchTests
{
    [Fact]
    public void Apply_removes_the_missing_version_and_defines_its_symbol_as_readelf_sees_it()
    {
        var shipped = Path.Combine(AppContext.BaseDirectory, "libLibTorchSharp.so");
        Assert.SkipUnless(OperatingSystem.IsLinux() && File.Exists(shipped), "There is no Linux library of TorchSharp beside the tests.");
        Assert.SkipUnless(File.Exists("/usr/bin/readelf"), "binutils' readelf is not installed.");
        var library = File.ReadAllBytes(shipped);
        var copy = Path.Combine(Path.GetTempPath(), $"{Guid.NewGuid():n}.so");

        var changed = ElfVersionPatch.Apply(library);

        try
        {
            File.WriteAllBytes(copy, library);
            Assert.True(changed);
            Assert.Contains("GLIBCXX_3.4.32", Readelf("-V", shipped));
            Assert.DoesNotContain("GLIBCXX_3.4.32", Readelf("-V", copy));
            var symbol = Readelf("--dyn-syms", copy).Split('\n').Single(line => line.Contains(ElfVersionPatch.OrphanSymbol));
            Assert.DoesNotContain(" UND ", symbol);
        }
        finally
        {
            File.Delete(copy);
        }
    }

    [Fact]
    public void Apply_leaves_a_patched_library_alone()
    {
        var shipped = Path.Combine(AppContext.BaseDirectory, "libLibTorchSharp.so");
        Assert.SkipUnless(OperatingSystem.IsLinux() && File.Exists(shipped), "There is no Linux library of TorchSharp beside the tests.");
        var library = File.ReadAllBytes(shipped);
        ElfVersionPatch.Apply(library);
        var once = library.ToArray();

        Assert.False(ElfVersionPatch.Apply(library));

        Assert.True(once.AsSpan().SequenceEqual(library));
    }

    [Fact]
    public void Apply_refuses_what_is_no_library() =>
        Assert.Equal(
            "The file is not a 64-bit little-endian ELF library.",
            Assert.Throws<InvalidDataException>(() => ElfVersionPatch.Apply(new byte[100])).Message);

    private static string Readelf(string option, string file)
    {
        using var process = Process.Start(new ProcessStartInfo("/usr/bin/readelf", [option, "-W", file]) { RedirectStandardOutput = true })!; // The shell does not run it.
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return output;
    }
}
