using System.Diagnostics;
using Sightline.Compute.Leases;
using Xunit;

namespace Sightline.Compute.Tests.Leases;

/// <summary>Runs the machine's script by a shell, with everything that would stop this machine replaced by a file.</summary>
public sealed class MachineScriptTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("sightline-script").FullName;

    private string Halted => Path.Combine(_folder, "halted");

    [Fact]
    public void Script_past_its_end_stops_the_machine()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "The script is for Linux machines.");

        Run(DateTimeOffset.UtcNow.AddSeconds(-1), TimeSpan.Zero);

        Assert.True(Appears(Halted));
    }

    [Fact]
    public void Script_without_work_stops_the_machine()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "The script is for Linux machines.");

        Run(DateTimeOffset.UtcNow.AddHours(1), TimeSpan.FromSeconds(1));

        Assert.True(Appears(Halted));
    }

    [Fact]
    public void Script_goes_by_the_new_end_when_one_is_written()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "The script is for Linux machines.");

        Run(DateTimeOffset.UtcNow.AddHours(1), TimeSpan.Zero);
        var before = File.Exists(Halted);
        File.WriteAllText(Path.Combine(_folder, "end-by"), "1");

        Assert.False(before);
        Assert.True(Appears(Halted));
    }

    // What the clouds document: AWS EC2 "spot/instance-action" with a session token, Google Compute "preempted", Azure "scheduled events".
    [Theory]
    [InlineData("""*api/token*) echo TOKEN;; *"-H X-aws-ec2-metadata-token: TOKEN"*spot/instance-action) echo '{"action": "terminate", "time": "2026-12-01T08:22:00Z"}';;""", "AWS takes this spot machine back within two minutes")]
    [InlineData("""*"-H Metadata-Flavor: Google"*instance/preempted) echo TRUE;;""", "Google takes this spot machine back within 30 seconds")]
    [InlineData("""*"-H Metadata: true"*scheduledevents*) echo '{"DocumentIncarnation":1,"Events":[{"EventId":"A1","EventType":"Preempt","ResourceType":"VirtualMachine"}]}';;""", "Azure takes this spot machine back within 30 seconds")]
    public void Script_of_a_spot_machine_writes_the_provider_s_notice_down(string answers, string words)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "The script is for Linux machines.");
        var curl = Path.Combine(_folder, "curl");
        // The second time, as the notice comes while the machine works; AWS has answered 404 until then.
        File.WriteAllText(curl, $"#!/bin/sh\nif [ ! -e {_folder}/asked ]; then case \"$*\" in *scheduledevents*) : > {_folder}/asked;; esac; exit 22; fi\ncase \"$*\" in {answers} *) exit 22;; esac\n");
        File.SetUnixFileMode(curl, UnixFileMode.UserRead | UnixFileMode.UserExecute);

        Run(DateTimeOffset.UtcNow.AddHours(1), TimeSpan.Zero, isSpot: true);

        Assert.True(Appears(Path.Combine(_folder, "notice")));
        Assert.Equal(words + "\n", File.ReadAllText(Path.Combine(_folder, "notice")));
    }

    public void Dispose()
    {
        File.WriteAllText(Path.Combine(_folder, "end-by"), "1"); // A script that still runs ends.
        Appears(Halted);
        Directory.Delete(_folder, recursive: true);
    }

    private static bool Appears(string file) => SpinWait.SpinUntil(() => File.Exists(file), TimeSpan.FromSeconds(60));

    private void Run(DateTimeOffset endBy, TimeSpan idle, bool isSpot = false)
    {
        var script = MachineScript.Write(endBy, idle, isSpot)
            .Replace("/run/sightline", _folder, StringComparison.Ordinal)
            .Replace("shutdown -h now 2>/dev/null || poweroff 2>/dev/null || kill -TERM 1", $"touch {Halted}", StringComparison.Ordinal)
            .Replace("kill -KILL -1", "exit 0", StringComparison.Ordinal)
            .Replace("sleep 60", "exit 0", StringComparison.Ordinal)
            .Replace("sleep 15", "sleep 1", StringComparison.Ordinal)
            .Replace("sleep 5\n", "sleep 1\n", StringComparison.Ordinal)
            .Replace("$(who 2>/dev/null)", "", StringComparison.Ordinal)
            .Replace("nvidia-smi", "nobody-has-this-program", StringComparison.Ordinal);
        // Whatever is left must not be able to stop the machine that runs the tests.
        Assert.DoesNotMatch("kill|shutdown|poweroff|reboot", script);
        var file = Path.Combine(_folder, "start.sh");
        File.WriteAllText(file, script);
        var start = new ProcessStartInfo("/bin/sh", [file]);
        start.Environment["PATH"] = $"{_folder}:{Environment.GetEnvironmentVariable("PATH")}";
        using var process = Process.Start(start)!; // Null only where the shell runs it.
        Assert.True(process.WaitForExit(TimeSpan.FromSeconds(60)));
        Assert.Equal(0, process.ExitCode);
    }
}
