using System.Diagnostics;
using Microsoft.Data.Sqlite;
using Sightline.Tests.Shared;
using Xunit;

namespace Sightline.App.Tests;

/// <summary><c>train --on</c> an offer: the lease is real, its machines are two sshd on loopback that a price sheet names.</summary>
public sealed class LeasedTrainingTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly SshServer? _first = SshServer.Absent is null ? new SshServer() : null;
    private readonly SshServer? _second = SshServer.Absent is null ? new SshServer() : null;

    public LeasedTrainingTests()
    {
        Assert.SkipWhen(SshServer.Absent is not null, SshServer.Absent ?? "");
        TinyData.WriteIdx(_folder.At("idx"), train: 640);
        Directory.CreateDirectory(_folder.At("prices"));
        // The cheaper machine is taken first.
        File.WriteAllText(_folder.At("prices", "own.csv"), string.Join('\n',
            "provider,instance,accelerator,count,gpu_memory_mib,region,price_usd_hour,seen_on,source,host",
            $"near,one,A100,1,81920,lab,1.20,2026-11-24,test,{_first!.Address}",
            $"far,two,A100,1,81920,lab,2.40,2026-11-24,test,{_second!.Address}") + "\n");
        File.WriteAllText(_folder.At("known"), File.ReadAllText(_first.KnownHosts) + File.ReadAllText(_second.KnownHosts));
    }

    public void Dispose()
    {
        _first?.Dispose();
        _second?.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public void A_machine_is_leased_used_and_ended_and_the_cost_is_said()
    {
        var ended = Cli.Execute(Start("--epochs", "1", "--name", "rented", "--json", "--on", "auto", "--max-cost", "5", "--yes")).With(ExitCode.Done);

        Assert.Contains("near one, 1 x a100-80", ended.Error);
        Assert.Contains("Ending the lease", ended.Error);
        // A host of a price sheet counts whole hours.
        Assert.Contains("Cost: 1.20 USD on 1 machine, of at most 5.", ended.Error);
        Assert.Equal(["ended"], Cli.Execute(With(Cli.Start(_folder.Path, Cli.Executable, "gpu", "leases", "--all", "--json"))).With(ExitCode.Done).Json
            .GetProperty("leases").EnumerateArray().Select(lease => lease.GetProperty("state").GetString()));
        Assert.True(File.Exists(_folder.At("runs", "rented", "report.html")));
    }

    [Fact]
    public void A_machine_that_is_taken_back_is_replaced_and_the_same_run_goes_on()
    {
        string[] settings = ["--epochs", "12", "--set", "checkpointSteps=3"];
        Cli.Execute(Start([.. settings, "--name", "whole"])).With(ExitCode.Done);
        using var process = Process.Start(Start([.. settings, "--name", "moved", "--json", "--on", "auto", "--max-cost", "5", "--yes"]))!; // The shell does not run it.
        // The training is held at its first checkpoint, else a quick machine ends it before the checkpoint has come here.
        var jobs = _first!.At("home/root/jobs");
        ServerProcess.Wait(() => process.HasExited || HasCheckpoint(jobs), "the machine wrote a checkpoint", TimeSpan.FromMinutes(2));
        if (process.HasExited)
        {
            Cli.Finish(process).With(ExitCode.Stopped); // Shows why.
        }

        var job = Directory.EnumerateDirectories(jobs).Single();
        var training = Leader(job, "process");
        ServerProcess.Run("/bin/kill", null, "-STOP", "--", $"-{training}");
        ServerProcess.Wait(() => File.Exists(_folder.At("runs", "moved", "checkpoints", "last.safetensors")), "a checkpoint was brought here", TimeSpan.FromMinutes(2));

        // The machine goes with all that runs on it, and the provider does not know it any more.
        _first.Stop();
        ServerProcess.Run("/bin/kill", null, "-KILL", "--", $"-{training}", $"-{Leader(job, "supervisor")}");
        TakeBack();
        var ended = Cli.Finish(process).With(ExitCode.Done);

        Assert.Contains("The machine was taken back", ended.Error);
        Assert.Contains("Cost: 3.60 USD on 2 machines, of at most 5.", ended.Error);
        Assert.Contains("far two", File.ReadAllText(_folder.At("runs", "moved", "job.json")));
        // The run that moved ends with the bits of the one that did not.
        Assert.Equal(File.ReadAllBytes(_folder.At("runs", "whole", "checkpoints", "best.safetensors")), File.ReadAllBytes(_folder.At("runs", "moved", "checkpoints", "best.safetensors")));
        Assert.Contains("\"kind\":\"resume\"", File.ReadAllText(_folder.At("runs", "moved", "metrics.jsonl")));
    }

    [Fact]
    public void Nothing_is_leased_without_a_limit_and_a_yes()
    {
        var unlimited = Cli.Execute(Start("--on", "auto", "--yes")).With(ExitCode.Usage);
        var unasked = Cli.Execute(Start("--on", "near/one", "--max-cost", "5")).With(ExitCode.Usage);

        Assert.Contains("--max-cost is missing", unlimited.Error);
        Assert.Contains("pass --yes", unasked.Error);
        Assert.False(Directory.Exists(_first!.At("home/root")));
    }

    private static bool HasCheckpoint(string jobs) =>
        Directory.Exists(jobs) && Directory.EnumerateFiles(jobs, "last.safetensors", SearchOption.AllDirectories).Any();

    /// <summary>The process that leads the group of a job's supervisor or of its training.</summary>
    private static string Leader(string job, string name) => File.ReadAllText(Path.Combine(job, name)).Split(' ')[0];

    private void TakeBack()
    {
        using var connection = new SqliteConnection($"Data Source={_folder.At("sightline.db")};Default Timeout=30;Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = "UPDATE ssh_reservations SET ended_at = @now WHERE ended_at IS NULL";
        command.Parameters.AddWithValue("@now", DateTimeOffset.UtcNow.ToUnixTimeMilliseconds() * 1000);
        Assert.Equal(1, command.ExecuteNonQuery());
    }

    private ProcessStartInfo Start(params string[] more)
    {
        string[] hosts = more.Contains("--on")
            ? ["--identity", _first!.Identity, "--identity", _second!.Identity, "--known-hosts", _folder.At("known"), "--host-folder", "root", "--tool", Cli.Executable]
            : [];
        return With(Cli.Start(_folder.Path, Cli.Executable, ["train", "idx", "--batch", "16", "--device", "cpu", "--set", "model=resnet10_small", "--set", "threads=1", "--set", "layout=nhwc", .. more, .. hosts]));
    }

    private ProcessStartInfo With(ProcessStartInfo start)
    {
        start.Environment["SIGHTLINE_PRICES"] = _folder.At("prices");
        start.Environment["SIGHTLINE_DATABASE"] = _folder.At("sightline.db");
        start.Environment["XDG_CONFIG_HOME"] = _folder.At("config");
        return start;
    }
}
