using System.Diagnostics;
using Xunit;

namespace Sightline.App.Tests;

/// <summary>The commands against a cloud's address on loopback: nothing is rented.</summary>
public sealed class LeaseOnACloudTests : IDisposable
{
    private const string Key = "secret-key-1234";

    private readonly TemporaryFolder _folder = new();
    private readonly TinyLambda _cloud = new();

    public LeaseOnACloudTests()
    {
        Directory.CreateDirectory(_folder.At("prices"));
        File.WriteAllText(_folder.At("prices/own.csv"), """
            provider,instance,accelerator,count,gpu_memory_mib,region,price_usd_hour,seen_on,source
            lambda,gpu_1x_a100,A100,1,40960,us-west-1,1.99,2026-11-20,a quotation
            """);
        File.WriteAllText(_folder.At("key.pub"), "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGZha2VmYWtlZmFrZWZha2VmYWtlZmFrZWZha2VmYWtl me@here\n");
    }

    [Fact]
    public void Lease_and_end_on_a_cloud()
    {
        var leased = Run(Lease()).With(ExitCode.Done);
        var alive = _cloud.Machines.Count;
        var id = leased.Json.GetProperty("id").GetString()!;
        var ended = Run("gpu", "end", id, "--wait", "2", "--json").With(ExitCode.Done);

        Assert.Equal(1, alive);
        Assert.Equal("ready", leased.Json.GetProperty("state").GetString());
        Assert.Equal("198.51.100.7", leased.Json.GetProperty("sshHost").GetString());
        Assert.Equal($"sightline-{id}", _cloud.Launches.Single().GetProperty("name").GetString());
        Assert.Contains("/run/sightline/end-by", _cloud.Launches.Single().GetProperty("user_data").GetString(), StringComparison.Ordinal);
        Assert.Equal("ended", ended.Json.GetProperty("leases")[0].GetProperty("state").GetString());
        Assert.Empty(_cloud.Machines);
        // The key is nowhere: not in what was said, not on the machine, not in the journal.
        Assert.DoesNotContain(Key, leased.Out + leased.Error + ended.Out + ended.Error + _cloud.Launches.Single().GetRawText(), StringComparison.Ordinal);
        Assert.All(Directory.EnumerateFiles(_folder.Path, "s.db*"), file => Assert.DoesNotContain(Key, System.Text.Encoding.Latin1.GetString(File.ReadAllBytes(file)), StringComparison.Ordinal));
    }

    [Fact]
    public void Machine_of_a_command_that_was_killed_in_the_middle_is_found_and_ended()
    {
        _cloud.HoldsLaunches = true;
        using var process = Process.Start(Start(Lease()))!; // Null only where the shell runs it.
        process.StandardInput.Close();
        Assert.True(_cloud.Launched.Wait(TimeSpan.FromMinutes(2)));
        process.Kill(entireProcessTree: true);
        process.WaitForExit();

        var found = Run("gpu", "leases", "--json").With(ExitCode.Done);
        var ended = Run("gpu", "end", "--all", "--wait", "2", "--json").With(ExitCode.Done);

        var lease = found.Json.GetProperty("leases").EnumerateArray().Single();
        Assert.Equal("ready", lease.GetProperty("state").GetString());
        Assert.Equal("machine-1", lease.GetProperty("machineId").GetString());
        Assert.Equal("ended", ended.Json.GetProperty("leases")[0].GetProperty("state").GetString());
        Assert.Empty(_cloud.Machines);
    }

    [Fact]
    public void Lease_without_capacity_ends_with_8_and_a_reason()
    {
        _cloud.IsFull = true;

        var ended = Run(Lease()).With(ExitCode.Provider);

        Assert.Contains("Lambda has no gpu_1x_a100 free in any region.", ended.Error, StringComparison.Ordinal);
        Assert.Empty(_cloud.Launches);
    }

    [Fact]
    public void Lease_whose_price_rose_is_refused()
    {
        File.WriteAllText(_folder.At("prices/own.csv"), File.ReadAllText(_folder.At("prices/own.csv")).Replace("1.99", "1.50", StringComparison.Ordinal));

        var ended = Run([.. Lease(), "--region", "us-west-1"]).With(ExitCode.LimitReached); // The shipped price of all regions is right.

        Assert.Contains("1.99", ended.Error, StringComparison.Ordinal);
        Assert.Empty(_cloud.Launches);
    }

    [Fact]
    public void Leases_of_a_provider_that_does_not_answer_end_with_8()
    {
        Run(Lease()).With(ExitCode.Done);
        _cloud.Machines.Clear();
        var start = Start("gpu", "leases");
        start.Environment["LAMBDA_API_KEY"] = "wrong";

        var ended = Cli.Execute(start).With(ExitCode.Provider);

        Assert.Contains("Not asked: lambda: ", ended.Error, StringComparison.Ordinal);
    }

    public void Dispose()
    {
        _cloud.Dispose();
        _folder.Dispose();
    }

    private static string[] Lease() => ["gpu", "lease", "lambda/gpu_1x_a100", "--max-cost", "6", "--yes", "--ssh-key", "key.pub", "--json"];

    private Ended Run(params string[] arguments) => Cli.Execute(Start(arguments));

    private ProcessStartInfo Start(params string[] arguments)
    {
        var start = Cli.Start(_folder.Path, Cli.Executable, arguments);
        start.Environment["SIGHTLINE_PRICES"] = _folder.At("prices");
        start.Environment["SIGHTLINE_CACHE"] = _folder.At("cache");
        start.Environment["SIGHTLINE_CREDENTIALS"] = _folder.At("none");
        start.Environment["SIGHTLINE_DATABASE"] = _folder.At("s.db");
        start.Environment["SIGHTLINE_URL_LAMBDA"] = _cloud.Address;
        start.Environment["LAMBDA_API_KEY"] = Key;
        return start;
    }
}
