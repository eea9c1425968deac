using Sightline.Runs;
using Xunit;

namespace Sightline.App.Tests;

/// <summary>A running training is paused, adjusted and stopped by other processes.</summary>
public sealed class RunControlTests
{
    [Fact]
    public void Adjustments_are_applied_at_a_step_told_by_their_times_and_repeated_to_the_same_bits()
    {
        using var folder = new TemporaryFolder();
        TinyData.WriteIdx(folder.At("idx"), train: 400);
        using var run = new LiveRun(folder, "adjusted", "--epochs", "1000", "--set", "accumulation=2");
        run.AfterStep(3);

        var json = run.Ask("adjust", "--set", "learningRateScale=0.5", "--set", "memory.microBatch=4", "--set", "checkpointSteps=5", "--json").With(ExitCode.Done).Json;
        var epoch = run.Run.ReadEvents().LastOrDefault(seen => seen.Kind == "epoch")?.Epoch ?? 0;
        run.Ask("adjust", "--set", $"epochs={epoch + 5}").With(ExitCode.Done);
        var ended = Cli.Finish(run.Process).With(ExitCode.Done);

        Approved.Match("json.run-adjust", JsonNames.Of(json));
        var times = new[] { "requestedAt", "acknowledgedAt", "appliedAt" }.Select(name => json.GetProperty(name).GetDateTimeOffset()).ToList();
        Assert.Equal(times.Order(), times);
        var adjustments = run.Run.Settings.Adjustments;
        Assert.Equal(json.GetProperty("step").GetInt64(), adjustments[0].Step);
        Assert.Equal(epoch + 5, adjustments[1].Settings.Epochs);
        Assert.Equal(epoch + 5, run.Run.ReadEvents().Last(seen => seen.Kind == "epoch").Epoch);
        var told = run.Run.ReadEvents().Where(seen => seen.Control?.Id == adjustments[0].Id).Select(seen => seen.Control!.Phase); // Just looked at.
        Assert.Equal([ControlPhase.Requested, ControlPhase.Acknowledged, ControlPhase.Applied], told);
        Assert.Contains("in 2 parts of at most 4", ended.Error);
        Assert.Contains("adjustments", File.ReadAllText(Path.Combine(run.Path, "run.json")));
        Cli.Run(folder.Path, "train", "--reproduce", "adjusted", "--name", "again").With(ExitCode.Done);
    }

    [Fact]
    public void A_killed_run_is_failed_and_keeps_its_adjustments_when_resumed()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "The test sends a POSIX signal.");
        using var folder = new TemporaryFolder();
        TinyData.WriteIdx(folder.At("idx"), train: 400);
        int epochs;
        using (var run = new LiveRun(folder, "killed", "--epochs", "1000"))
        {
            run.AfterStep(2);
            epochs = run.Beat!.Epoch + 5; // There is a heartbeat after a step; a quick machine does not end so many epochs before the kill.
            run.Ask("adjust", "--set", "optimizer.learningRate=0.011", "--set", $"epochs={epochs}").With(ExitCode.Done);
            run.Signal("KILL");
            run.Process.WaitForExit();
            Assert.Equal(RunState.Failed, run.Status().State);
            Assert.Contains("kill", run.Ask("adjust", "--set", "epochs=99").With(ExitCode.Usage).Error);
        }

        Cli.Run(folder.Path, "train", "resume", "killed").With(ExitCode.Done);

        var events = RunFolder.Open(folder.At("runs", "killed")).ReadEvents();
        Assert.Equal(epochs, events.Last(seen => seen.Kind == "epoch").Epoch);
        Cli.Run(folder.Path, "train", "--reproduce", "killed", "--name", "again").With(ExitCode.Done);
    }

    [Fact]
    public void A_request_while_the_run_validates_is_acknowledged_then_and_applied_afterwards()
    {
        using var folder = new TemporaryFolder();
        TinyData.WriteIdx(folder.At("idx"), train: 6000);
        using var run = new LiveRun(folder, "validating", "--epochs", "1000", "--set", "validationShare=0.95", "--set", "testShare=0");
        for (var epochs = 40; ; epochs++)
        {
            // The heartbeat may be two seconds old: a request that came too late is tried again in another epoch.
            run.WaitFor(() => run.Beat?.Phase == RunPhase.Validating, "validation");
            var asked = ControlFile.Ask(run.Run, ControlAction.Adjust, new AdjustableSettings { EarlyStopEpochs = epochs }, TimeProvider.System);
            run.WaitFor(() => Told(asked).ContainsKey(ControlPhase.Applied), "the answer");
            var told = Told(asked);
            var between = run.Run.ReadEvents().Skip(told[ControlPhase.Acknowledged]).Take(told[ControlPhase.Applied] - told[ControlPhase.Acknowledged]);
            if (between.Any(seen => seen.Kind == "epoch"))
            {
                return;
            }

            Assert.True(epochs < 60, "Of 20 requests none was acknowledged before the epoch's end.");
        }

        Dictionary<ControlPhase, int> Told(ControlRequest asked) => run.Run.ReadEvents().Select((seen, at) => (seen, at)).Where(entry => entry.seen.Control?.Id == asked.Id)
            .ToDictionary(entry => entry.seen.Control!.Phase, entry => entry.at); // Just looked at.
    }

    [Fact]
    public void A_pause_holds_the_run_and_changes_nothing_of_its_result()
    {
        using var folder = new TemporaryFolder();
        TinyData.WriteIdx(folder.At("idx"), train: 400);
        // Long enough that a quick machine does not end it before the pause is asked for.
        Training.Run(folder.Path, "idx", "--epochs", "8", "--name", "whole").With(ExitCode.Done);
        using var run = new LiveRun(folder, "paused", "--epochs", "8");
        run.AfterStep(1);

        run.Ask("pause").With(ExitCode.Done);

        Assert.Equal(RunState.Paused, run.Status().State);
        Assert.Contains("trains the run", Cli.Run(folder.Path, "train", "resume", "paused").With(ExitCode.Usage).Error);
        Assert.Contains("paused already", run.Ask("pause").With(ExitCode.Usage).Error);
        Assert.True(File.Exists(Path.Combine(run.Path, "checkpoints", "last.safetensors")));
        run.Ask("resume").With(ExitCode.Done);
        Cli.Finish(run.Process).With(ExitCode.Done);
        Assert.Equal(RunState.Finished, run.Status().State);
        Assert.Equal(
            File.ReadAllBytes(folder.At("runs", "whole", "checkpoints", "best.safetensors")),
            File.ReadAllBytes(Path.Combine(run.Path, "checkpoints", "best.safetensors")));
        Assert.Contains("is finished", run.Ask("pause").With(ExitCode.Usage).Error);
    }

    [Fact]
    public void A_stop_leaves_a_checkpoint_and_a_stall_is_told()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "The test sends a POSIX signal.");
        using var folder = new TemporaryFolder();
        TinyData.WriteIdx(folder.At("idx"), train: 400);
        using var run = new LiveRun(folder, "stopped", "--epochs", "1000");
        run.AfterStep(1);

        run.Signal("STOP");
        run.WaitFor(() => run.Status(silence: TimeSpan.FromSeconds(5)).State == RunState.Stalled, "the stall");
        run.Signal("CONT");
        run.WaitFor(() => run.Status(silence: TimeSpan.FromSeconds(5)).State == RunState.Running, "the run");
        Assert.Contains("The run is not paused", run.Ask("resume").With(ExitCode.Usage).Error);
        Assert.Contains("Did you mean 'epochs'?", run.Ask("adjust", "--set", "epoch=9").With(ExitCode.Usage).Error);
        Assert.Contains("Epochs is 0; it must be from 1 to 10000", run.Ask("adjust", "--set", "epochs=0").With(ExitCode.Usage).Error);
        run.Ask("stop").With(ExitCode.Done);

        Assert.Contains("sightline train resume", Cli.Finish(run.Process).With(ExitCode.Stopped).Error);
        Assert.Equal(RunState.Stopped, run.Status().State);
        Assert.Equal("stopped", Cli.Run(folder.Path, "run", "show", "stopped", "--json").With(ExitCode.Done).Json.GetProperty("summary").GetProperty("state").GetString());
        using var resumed = LiveRun.Resume(folder, "stopped");
        resumed.WaitFor(() => resumed.Status().State == RunState.Running && resumed.Beat?.Phase == RunPhase.Training, "the resumed run");
    }
}
