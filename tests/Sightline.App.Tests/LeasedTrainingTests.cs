using System.Diagnostics;
using Microsoft.Data.Sqlite;
using Sightline.Runs;
using Sightline.Tests.Shared;
using Xunit;

namespace Sightline.App.Tests;

/// <summary><c>train --on</c> an offer: the lease is real, its machines are two sshd on loopback that a price sheet names.</summary>
public sealed class LeasedTrainingTests : IDisposable
{
    private const string Secret = "never-to-be-seen-8f3a";

    private readonly TemporaryFolder _folder = new();
    private readonly SshServer? _first;
    private readonly SshServer? _second = SshServer.Absent is null ? new SshServer() : null;

    private string HostFolder => Path.Combine(_first!.At("home"), "sightline"); // There is a server where a test was not skipped.

    public LeasedTrainingTests()
    {
        Assert.SkipWhen(SshServer.Absent is not null, SshServer.Absent ?? "");
        _first = new SshServer(new Dictionary<string, string> { ["SIGHTLINE_NOTICE"] = _folder.At("notice") });
        TinyData.WriteIdx(_folder.At("idx"), train: 640);
        Directory.CreateDirectory(_folder.At("prices"));
        // The cheaper machine is taken first.
        File.WriteAllText(_folder.At("prices", "own.csv"), string.Join('\n',
            "provider,instance,accelerator,count,gpu_memory_mib,region,price_usd_hour,seen_on,source,host",
            $"near,one,A100,1,81920,lab,1.20,2026-11-24,test,{_first.Address}",
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
        Assert.Equal(["ended"], RunLeases());
        Assert.True(File.Exists(_folder.At("runs", "rented", "report.html")));
    }

    [Fact]
    public void A_machine_that_is_taken_back_is_replaced_and_the_same_run_goes_on()
    {
        string[] settings = ["--epochs", "12", "--set", "checkpointSteps=3"];
        Cli.Execute(Start([.. settings, "--name", "whole"])).With(ExitCode.Done);
        using var process = Process.Start(Start([.. settings, "--name", "moved", "--json", "--on", "auto", "--max-cost", "5", "--yes"]))!; // The shell does not run it.
        // The training is held at its first checkpoint, else a quick machine ends it before the checkpoint has come here.
        var job = HeldAtItsFirstCheckpoint(process);
        var training = Leader(job, "process");
        ServerProcess.Wait(() => File.Exists(_folder.At("runs", "moved", "checkpoints", "last.safetensors")), "a checkpoint was brought here", TimeSpan.FromMinutes(2));

        // The machine goes with all that runs on it, and the provider does not know it any more.
        _first!.Stop();
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
    public void A_machine_that_is_given_notice_writes_its_checkpoint_and_the_same_run_goes_on_elsewhere()
    {
        using var process = Process.Start(Start("--epochs", "12", "--set", "checkpointSteps=3", "--name", "warned", "--json", "--on", "auto", "--max-cost", "5", "--yes"))!; // The shell does not run it.
        var job = HeldAtItsFirstCheckpoint(process);
        var training = Leader(job, "process");
        // Nothing of this computer's keys is on the machine: not in the program's arguments, not in its variables.
        Assert.DoesNotContain(Secret, File.ReadAllText($"/proc/{training}/cmdline") + File.ReadAllText($"/proc/{training}/environ"));

        File.WriteAllText(_folder.At("notice"), "AWS takes this spot machine back within two minutes\n");
        // It is held until it has been asked to stop, else a quick machine ends the training before the notice is seen.
        ServerProcess.Wait(() => process.HasExited || File.Exists(Path.Combine(job, "stop")), "the training was asked to stop", TimeSpan.FromMinutes(2));
        ServerProcess.Run("/bin/kill", null, "-CONT", "--", $"-{training}");
        var ended = Cli.Finish(process).With(ExitCode.Done);

        Assert.Contains("AWS takes this spot machine back within two minutes; the training writes its checkpoint.", ended.Error);
        Assert.Contains("The machine was taken back (the machine was given notice: AWS takes this spot machine back within two minutes)", ended.Error);
        Assert.Contains("Cost: 3.60 USD on 2 machines, of at most 5.", ended.Error);
        Assert.Contains("far two", File.ReadAllText(_folder.At("runs", "warned", "job.json")));
        var events = RunFolder.Open(_folder.At("runs", "warned")).ReadEvents();
        Assert.Equal(Enumerable.Range(1, 12), events.Where(seen => seen.Kind == "epoch").Select(seen => seen.Epoch));
        // Not a step was lost: it goes on where the first machine stopped.
        var resumed = events.Single(seen => seen.Kind == "resume");
        Assert.Equal(events.Last(seen => seen.At < resumed.At && seen.Message?.StartsWith("Stopped by the user", StringComparison.Ordinal) == true).Step, resumed.Step);
        foreach (var place in new[] { _folder.At("runs"), _first!.At("home"), _second!.At("home") })
        {
            Assert.All(Directory.EnumerateFiles(place, "*", SearchOption.AllDirectories).Where(file => new FileInfo(file).Length < 1 << 20), file => Assert.DoesNotContain(Secret, File.ReadAllText(file)));
        }

        Assert.DoesNotContain(Secret, ended.Out + ended.Error);
    }

    [Fact]
    public void Ctrl_c_leaves_job_and_machine_and_says_what_they_cost_and_how_they_end()
    {
        using var process = Process.Start(Start("--epochs", "5000", "--set", "checkpointSteps=3", "--name", "left", "--on", "auto", "--max-cost", "5", "--yes"))!; // The shell does not run it.
        WaitForEvents(process, "left");
        Interrupt(process);
        var left = Cli.Finish(process).With(ExitCode.Done);

        Assert.Contains("Leaving; the job and its rented machine go on. Press Ctrl-C again to end at once.", left.Error);
        Assert.Matches(@"Its machine goes on and is billed: 1\.20 USD so far, until 20\d\d-\S+ \S+ at the latest \(lease \S+\)", left.Out);
        Assert.Matches(@"sightline gpu end \S+-\S+   end the machine", left.Out);
        Assert.DoesNotContain("ended", RunLeases());
        // Another command goes on with both, and ends them.
        Cli.Execute(With(Cli.Start(_folder.Path, Cli.Executable, "run", "stop", "left"))).With(ExitCode.Done);
        var stopped = Cli.Execute(With(Cli.Start(_folder.Path, Cli.Executable, "train", "resume", "left"))).With(ExitCode.Stopped);
        Assert.Contains("Cost: 1.20 USD.", stopped.Error);
        Assert.Equal(["ended"], RunLeases());
    }

    [Fact]
    public void Ctrl_c_ends_job_and_machine_where_that_was_asked_for()
    {
        using var process = Process.Start(Start("--epochs", "5000", "--name", "ended", "--on", "auto", "--max-cost", "5", "--yes", "--on-interrupt", "end"))!; // As above.
        WaitForEvents(process, "ended");
        Interrupt(process);
        var ended = Cli.Finish(process).With(ExitCode.Stopped);

        Assert.Contains("Ending the training with a checkpoint, then its machine.", ended.Error);
        Assert.Contains("Cost: 1.20 USD on 1 machine, of at most 5.", ended.Error);
        Assert.True(File.Exists(_folder.At("runs", "ended", "checkpoints", "last.safetensors")));
        Assert.Equal(["ended"], RunLeases());
    }

    [Fact]
    public void Nothing_is_leased_without_a_limit_and_a_yes()
    {
        var unlimited = Cli.Execute(Start("--on", "auto", "--yes")).With(ExitCode.Usage);
        var unasked = Cli.Execute(Start("--on", "near/one", "--max-cost", "5")).With(ExitCode.Usage);

        Assert.Contains("--max-cost is missing", unlimited.Error);
        Assert.Contains("pass --yes", unasked.Error);
        Assert.False(Directory.Exists(HostFolder));
    }

    /// <summary>Stops the training's processes as soon as it has written a checkpoint on the first machine; returns the job's folder there.</summary>
    private string HeldAtItsFirstCheckpoint(Process process)
    {
        var jobs = Path.Combine(HostFolder, "jobs");
        ServerProcess.Wait(() => process.HasExited || HasCheckpoint(jobs), "the machine wrote a checkpoint", TimeSpan.FromMinutes(2));
        if (process.HasExited)
        {
            Cli.Finish(process).With(ExitCode.Stopped); // Shows why.
        }

        var job = Directory.EnumerateDirectories(jobs).Single();
        ServerProcess.Run("/bin/kill", null, "-STOP", "--", $"-{Leader(job, "process")}");
        return job;
    }

    private void WaitForEvents(Process process, string name)
    {
        ServerProcess.Wait(() => process.HasExited || File.Exists(_folder.At("runs", name, "metrics.jsonl")), "the run has begun", TimeSpan.FromMinutes(2));
        if (process.HasExited)
        {
            Cli.Finish(process).With(ExitCode.Interrupted); // Shows why.
        }
    }

    // The command takes both signals alike; where a shell runs the tests in the background, INT is ignored.
    private static void Interrupt(Process process) => ServerProcess.Run("/bin/kill", null, "-TERM", $"{process.Id}");

    private List<string> RunLeases() => [.. Cli.Execute(With(Cli.Start(_folder.Path, Cli.Executable, "gpu", "leases", "--all", "--json"))).With(ExitCode.Done).Json
        .GetProperty("leases").EnumerateArray().Select(lease => lease.GetProperty("state").GetString()!)]; // Each has one.

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
            ? ["--identity", _first!.Identity, "--identity", _second!.Identity, "--known-hosts", _folder.At("known"), "--host-folder", "sightline", "--tool", Cli.Executable]
            : [];
        return With(Cli.Start(_folder.Path, Cli.Executable, ["train", "idx", "--batch", "16", "--device", "cpu", "--set", "model=resnet10_small", "--set", "threads=1", "--set", "layout=nhwc", .. more, .. hosts]));
    }

    private ProcessStartInfo With(ProcessStartInfo start)
    {
        start.Environment["SIGHTLINE_PRICES"] = _folder.At("prices");
        start.Environment["SIGHTLINE_DATABASE"] = _folder.At("sightline.db");
        start.Environment["XDG_CONFIG_HOME"] = _folder.At("config");
        foreach (var name in new[] { "SIGHTLINE_WEBHOOK", "SIGHTLINE_SSH_PASSPHRASE", "HF_TOKEN", "WANDB_API_KEY" }) // A provider's key would make it one that is asked.
        {
            start.Environment[name] = Secret;
        }
        return start;
    }
}
