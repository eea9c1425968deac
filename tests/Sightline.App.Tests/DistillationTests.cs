using Xunit;

namespace Sightline.App.Tests;

public sealed class DistillationTests
{
    // The plateau falls at once, so a resumed run that forgot its history would learn at another rate.
    private static readonly string[] Taught =
    [
        "--epochs", "3", "--set", "distill.run=teacher", "--set", "schedule.kind=plateau", "--set", "schedule.patienceEpochs=0", "--set", "schedule.warmupEpochs=0",
        "--set", "schedule.plateauThreshold=0.9", "--set", "augment.mixupAlpha=0.4",
    ];

    [Fact]
    public void A_student_learns_from_its_teacher_and_resumes_to_the_same_bits()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "The test sends a POSIX signal.");
        using var folder = new TemporaryFolder();
        TinyData.WriteIdx(folder.At("idx"), train: 96);
        Training.Run(folder.Path, "idx", "--epochs", "1", "--name", "teacher").With(ExitCode.Done);
        Training.Run(folder.Path, "idx", [.. Taught, "--name", "whole"]).With(ExitCode.Done);
        Training.Run(folder.Path, "idx", [.. Taught, "--set", "distill.run=null", "--name", "alone"]).With(ExitCode.Done);

        Training.Interrupt(folder.Path, "idx", [.. Taught, "--name", "stopped"]).With(ExitCode.Stopped);
        Cli.Run(folder.Path, "train", "resume", "stopped").With(ExitCode.Done);

        Assert.Equal(Weights(folder, "whole"), Weights(folder, "stopped"));
        Assert.NotEqual(Weights(folder, "whole"), Weights(folder, "alone"));
    }

    [Fact]
    public void A_teacher_that_does_not_fit_is_refused_before_a_run_begins()
    {
        using var folder = new TemporaryFolder();
        TinyData.WriteIdx(folder.At("idx"));
        TinyData.WriteIdx(folder.At("three"), classes: 3);
        Training.Run(folder.Path, "idx", "--epochs", "1", "--name", "teacher").With(ExitCode.Done);

        var classes = Training.Run(folder.Path, "three", "--set", "distill.run=teacher", "--name", "a").With(ExitCode.Usage);
        var size = Cli.Run(folder.Path, "train", "idx", "--model", "mobilenet_v3_small", "--size", "40", "--set", "distill.run=teacher", "--name", "b").With(ExitCode.Usage);
        var missing = Training.Run(folder.Path, "idx", "--set", "distill.run=nobody", "--name", "c").With(ExitCode.NotFound);
        File.Delete(folder.At("runs", "teacher", "metrics.jsonl"));
        var unfinished = Training.Run(folder.Path, "idx", "--set", "distill.run=teacher", "--name", "d").With(ExitCode.Usage);

        Assert.Contains("has other classes than the data: it lacks '2'. Choose a teacher that was trained on the same classes.", classes.Error);
        Assert.Contains("reads pictures of 32 pixels and this run 40; both must read the same. Pass --size 32, or choose another teacher.", size.Error);
        Assert.Contains("nobody", missing.Error);
        Assert.Contains("is not finished, so its weights would still change.", unfinished.Error);
        Assert.Equal(["teacher"], Directory.GetDirectories(folder.At("runs")).Select(Path.GetFileName));
    }

    // All tensors of the last checkpoint: what stands before them holds the seconds of training.
    private static byte[] Weights(TemporaryFolder folder, string run)
    {
        var file = File.ReadAllBytes(folder.At("runs", run, "checkpoints", "last.safetensors"));
        return file[(8 + (int)BitConverter.ToInt64(file, 0))..];
    }
}
