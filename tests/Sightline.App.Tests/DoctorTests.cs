using System.Diagnostics;
using Sightline.Cli.Doctor;
using Sightline.Tests.Shared;
using Xunit;

namespace Sightline.App.Tests;

/// <summary>What <c>doctor</c> says of machines with and without troubles.</summary>
public sealed class DoctorTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void All_of_the_machine_is_looked_at_and_only_troubles_have_a_next_step()
    {
        var ended = Doctor(("SIGHTLINE_NVML", _folder.At("nothing.so"))).With(ExitCode.Done);

        var checks = ended.Json.GetProperty("checks").EnumerateArray().ToList();
        Assert.Equal(
            ["system", ".NET runtime", ".NET SDK", "LibTorch", "processor", "GPU", "memory", "allocator", "runs folder", "data folder", "cache folder", "disk speed", "Fashion-MNIST"],
            checks.Select(check => check.GetProperty("name").GetString()!.Replace("GPU driver", "GPU", StringComparison.Ordinal))); // A card in this machine has no driver in this test.
        Assert.All(checks, check => Assert.Equal(check.GetProperty("status").GetString() == "good", !check.TryGetProperty("next", out var next) || next.ValueKind == System.Text.Json.JsonValueKind.Null));
    }

    [Fact]
    public void A_folder_that_cannot_be_written_is_bad_and_ends_with_an_error()
    {
        File.WriteAllText(_folder.At("file"), "");

        var ended = Cli.Run(_folder.Path, "doctor", "--runs", _folder.At("file", "runs"), "--json").With(ExitCode.Unexpected);

        Assert.False(ended.Json.GetProperty("healthy").GetBoolean());
        var check = ended.Json.GetProperty("checks").EnumerateArray().Single(entry => entry.GetProperty("status").GetString() == "bad");
        Assert.Equal("runs folder", check.GetProperty("name").GetString());
        Assert.Equal("Choose another folder with --runs.", check.GetProperty("next").GetString());
    }

    [Fact]
    public void Cards_that_the_driver_tells_of_are_listed_and_one_in_trouble_is_noted()
    {
        var library = _folder.At("libnvidia-ml.so.1");
        CLibrary.Require(Repository.File("tests", "Sightline.Compute.Tests", "Monitoring", "fake_nvml.c"), library);

        var ended = Doctor(("SIGHTLINE_NVML", library)).With(ExitCode.Done);

        var checks = ended.Json.GetProperty("checks").EnumerateArray().Where(check => check.GetProperty("name").GetString()!.StartsWith("GPU", StringComparison.Ordinal)).ToList(); // Each has a name.
        Assert.Contains(checks, check => check.GetProperty("name").GetString() == "GPU driver" && check.GetProperty("status").GetString() == "good");
        Assert.Contains(checks, check => check.GetProperty("name").GetString() == "GPU 0" && check.GetProperty("seen").GetString()!.StartsWith("NVIDIA A100-SXM4-80GB, ", StringComparison.Ordinal));
        Assert.Contains(checks, check => check.GetProperty("name").GetString() == "GPU 2" && check.GetProperty("seen").GetString()!.StartsWith("the GPU is lost", StringComparison.Ordinal));
        Assert.Contains(checks, check => check.GetProperty("name").GetString() == "GPU use");
    }

    [Fact]
    public void A_library_that_is_no_driver_is_a_note_with_a_next_step()
    {
        File.WriteAllText(_folder.At("empty.c"), "int something(void) { return 0; }\n");
        CLibrary.Require(_folder.At("empty.c"), _folder.At("other.so"));

        var ended = Doctor(("SIGHTLINE_NVML", _folder.At("other.so"))).With(ExitCode.Done);

        var driver = ended.Json.GetProperty("checks").EnumerateArray().Single(check => check.GetProperty("name").GetString() == "GPU driver");
        Assert.Contains("is no NVML library", driver.GetProperty("seen").GetString(), StringComparison.Ordinal);
        Assert.Contains("nvidia-smi", driver.GetProperty("next").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Memory_is_that_of_the_control_group()
    {
        Directory.CreateDirectory(_folder.At("proc", "self"));
        Directory.CreateDirectory(_folder.At("sys", "fs", "cgroup", "job"));
        File.WriteAllText(_folder.At("proc", "meminfo"), "MemAvailable:   65536000 kB\n");
        File.WriteAllText(_folder.At("proc", "self", "cgroup"), "0::/job\n");
        File.WriteAllText(_folder.At("sys", "fs", "cgroup", "job", "memory.max"), $"{2L << 30}\n");
        File.WriteAllText(_folder.At("sys", "fs", "cgroup", "job", "memory.stat"), "anon 0\n");

        var check = MemoryChecks.Memory(_folder.Path);

        Assert.Equal(CheckStatus.Doubtful, check.Status);
        Assert.Equal($"2.0 GiB usable, bounded by the memory control group '{Path.Combine("sys", "fs", "cgroup", "job", "memory.max")}'", check.Seen);
        Assert.StartsWith("Raise the limit of the container or job", check.Next, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(null, "libc.so.6", CheckStatus.Good, "glibc's, which keeps")]
    [InlineData("default", "libc.so.6", CheckStatus.Doubtful, "glibc's as it is")]
    [InlineData(null, "/usr/lib/libjemalloc.so.2", CheckStatus.Good, "jemalloc, ")]
    [InlineData(null, "/lib/ld-musl-x86_64.so.1", CheckStatus.Doubtful, "musl's")]
    public void The_allocator_is_named(string? setting, string maps, object status, string seen)
    {
        var check = MemoryChecks.Allocator(isLinux: true, setting, maps);

        Assert.Equal(status, check.Status);
        Assert.StartsWith(seen, check.Seen, StringComparison.Ordinal);
        Assert.Equal(check.Status == CheckStatus.Good, check.Next is null);
    }

    [Fact]
    public void A_disk_is_measured_within_its_bound_and_leaves_nothing_behind()
    {
        var watch = Stopwatch.StartNew();

        var check = DiskChecks.Speed(_folder.At("not", "yet", "there"));

        Assert.NotNull(check);
        Assert.Contains("/s written and flushed", check.Seen, StringComparison.Ordinal);
        Assert.Empty(Directory.EnumerateFileSystemEntries(_folder.Path));
        Assert.True(watch.Elapsed < TimeSpan.FromMinutes(1), $"It took {watch.Elapsed}."); // One flush on a busy disk may take long; it is the last.
    }

    [Fact]
    public void A_slow_disk_is_a_note()
    {
        Assert.Equal(CheckStatus.Doubtful, DiskChecks.Judge(8 << 20, TimeSpan.FromSeconds(1.5)).Status);
        Assert.Equal(CheckStatus.Good, DiskChecks.Judge(64 << 20, TimeSpan.FromSeconds(0.5)).Status);
    }

    private Ended Doctor(params (string Name, string Value)[] environment)
    {
        var start = Cli.Start(_folder.Path, Cli.Executable, "doctor", "--json");
        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }

        return Cli.Execute(start);
    }
}
