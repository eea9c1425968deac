using System.Diagnostics;
using Sightline.Runs;
using Xunit;

namespace Sightline.Tests.Runs.Control;

/// <summary>What a heartbeat, its age, its process and the exit code say together.</summary>
public sealed class RunStatusTests : IDisposable
{
    private static readonly DateTimeOffset Now = DateTimeOffset.UtcNow;
    private static readonly ProcessIdentity Elsewhere = ProcessIdentity.Own with { Host = "another-machine" };
    private readonly RunSample _sample = new();

    public void Dispose() => _sample.Dispose();

    [Fact]
    public void Without_a_heartbeat_nothing_is_claimed() =>
        Assert.Equal((RunState.Unknown, DateTimeOffset.UnixEpoch), (Read().State, Read().Since));

    [Theory]
    [InlineData(30.0, RunState.Running)]
    [InlineData(30.1, RunState.Stalled)]
    internal void A_living_process_without_a_sign_is_stalled(double age, RunState expected) => Assert.Equal(expected, Read(Beat(age)).State);

    [Theory]
    [InlineData(30.0, RunState.Running)]
    [InlineData(30.1, RunState.Unknown)]
    internal void A_process_elsewhere_that_is_not_heard_of_is_unknown(double age, RunState expected)
    {
        var status = Read(Beat(age) with { Process = Elsewhere });

        Assert.Equal((expected, expected == RunState.Unknown), (status.State, status.Words.StartsWith("unknown since ", StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData(300.0, null, RunState.Running)]
    [InlineData(300.1, null, RunState.Stalled)]
    [InlineData(1000.0, 100.0, RunState.Running)]
    [InlineData(1000.1, 100.0, RunState.Stalled)]
    [InlineData(300.1, 1.0, RunState.Stalled)]
    internal void A_beating_process_without_steps_is_stalled_after_five_minutes_or_ten_steps(double sinceStep, double? step, RunState expected)
    {
        var beat = Beat(1) with { StepSeconds = step };

        Assert.Equal(expected, Read(beat with { StepAt = beat.At.AddSeconds(-sinceStep) }).State);
        Assert.Equal(RunState.Running, Read(beat with { StepAt = beat.At.AddSeconds(-sinceStep), Phase = RunPhase.Validating }).State);
        Assert.Equal(RunState.Paused, Read(beat with { StepAt = beat.At.AddSeconds(-sinceStep), Phase = RunPhase.Paused }).State);
    }

    [Theory]
    [InlineData(0, RunState.Finished)]
    [InlineData(10, RunState.Stopped)]
    [InlineData(6, RunState.Failed)]
    internal void The_exit_code_decides_wherever_the_process_was(int code, RunState expected) =>
        Assert.Equal(expected, Read(Beat(9999) with { Process = Elsewhere, ExitCode = code, Phase = RunPhase.Ended }).State);

    [Fact]
    public void A_process_that_is_gone_has_failed_even_where_its_number_lives_on()
    {
        Assert.Equal(RunState.Failed, Read(Beat(1) with { Process = ProcessIdentity.Own with { Start = ProcessIdentity.Own.Start - 1 } }).State);
        Assert.Equal(RunState.Failed, Read(Beat(1) with { Process = ProcessIdentity.Own with { Boot = "before" } }).State);
    }

    [Fact]
    public void A_killed_child_is_dead_before_its_parent_has_asked()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Reads /proc.");
        using var child = Process.Start("sleep", "60");
        var identity = ProcessIdentity.Own with { Pid = child.Id, Start = StartOf(child.Id) };
        Assert.True(identity.IsAlive);

        child.Kill();
        SpinWait.SpinUntil(() => !identity.IsAlive, TimeSpan.FromSeconds(30));

        Assert.False(identity.IsAlive);
    }

    [Fact]
    public void A_damaged_heartbeat_is_unknown()
    {
        File.WriteAllText(Heartbeat.FileIn(_sample.Run), "{");

        Assert.Equal(RunState.Unknown, Read().State);
    }

    private static long StartOf(int pid)
    {
        var stat = File.ReadAllText($"/proc/{pid}/stat");
        return long.Parse(stat[(stat.LastIndexOf(')') + 2)..].Split(' ')[19], System.Globalization.CultureInfo.InvariantCulture);
    }

    private static Heartbeat Beat(double age) => new()
    {
        Process = ProcessIdentity.Own,
        At = Now.AddSeconds(-age),
        Phase = RunPhase.Training,
        PhaseSince = Now.AddHours(-1),
        StepAt = Now.AddSeconds(-age),
    };

    private RunStatus Read(Heartbeat? beat = null)
    {
        beat?.Write(_sample.Run);
        return RunStatus.Of(_sample.Run, _sample.Run.ReadEvents(), Now);
    }
}
