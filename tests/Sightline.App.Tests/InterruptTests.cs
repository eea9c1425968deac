using System.Diagnostics;
using Xunit;

namespace Sightline.App.Tests;

public sealed class InterruptTests
{
    [Fact]
    public void Ctrl_c_leaves_a_checkpoint_and_resume_ends_as_if_nothing_had_happened()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "The test sends a POSIX signal.");
        using var folder = new TemporaryFolder();
        TinyData.WriteIdx(folder.At("idx"), train: 160);
        Training.Run(folder.Path, "idx", "--epochs", "3", "--name", "whole").With(ExitCode.Done);

        var stopped = Training.Interrupt(folder.Path, "idx", "--epochs", "3", "--name", "stopped").With(ExitCode.Stopped);

        Assert.Contains("sightline train resume", stopped.Error);
        Assert.Empty(stopped.Out);
        Cli.Run(folder.Path, "train", "resume", "stopped", "--json").With(ExitCode.Done);
        Assert.Equal(
            File.ReadAllBytes(folder.At("runs", "whole", "checkpoints", "best.safetensors")),
            File.ReadAllBytes(folder.At("runs", "stopped", "checkpoints", "best.safetensors")));
    }

    [Theory]
    [InlineData(1, "accumulation=1")]
    [InlineData(4, "accumulation=1")]
    [InlineData(2, "accumulation=3")]
    [InlineData(3, "averaging.kind=ema")]
    public void A_killed_run_resumes_to_the_same_bits(int checkpointsBeforeTheKill, string setting)
    {
        using var folder = new TemporaryFolder();
        TinyData.WriteIdx(folder.At("idx"), train: 640);
        string[] settings = ["--epochs", "2", "--batch", "16", "--set", "checkpointSteps=3", "--set", "model=resnet10_small", "--set", "threads=1", "--set", "layout=nhwc", "--device", "cpu", "--set", setting];
        Cli.Run(folder.Path, ["train", "idx", .. settings, "--name", "whole"]).With(ExitCode.Done);

        using (var process = Process.Start(Cli.Start(folder.Path, Cli.Executable, ["train", "idx", .. settings, "--name", "killed"]))!) // The shell does not run it.
        {
            WaitForCheckpoints(folder.At("runs", "killed", "checkpoints"), checkpointsBeforeTheKill, process);
            process.Kill();
            process.WaitForExit();
        }

        Cli.Run(folder.Path, "train", "resume", "killed").With(ExitCode.Done);
        Assert.Equal(
            File.ReadAllBytes(folder.At("runs", "whole", "checkpoints", "best.safetensors")),
            File.ReadAllBytes(folder.At("runs", "killed", "checkpoints", "best.safetensors")));
    }

    // Counts how often the last checkpoint changed, so that the kill comes at another place of the run in each case.
    private static void WaitForCheckpoints(string checkpoints, int count, Process process)
    {
        var file = Path.Combine(checkpoints, "last.safetensors");
        var seen = new HashSet<DateTime>();
        var patience = Stopwatch.StartNew();
        while (seen.Count < count && !process.HasExited)
        {
            Assert.True(patience.Elapsed < TimeSpan.FromMinutes(2), "No checkpoint was written within two minutes.");
            if (File.Exists(file))
            {
                seen.Add(File.GetLastWriteTimeUtc(file));
            }

            Thread.Sleep(1);
        }

        Assert.False(process.HasExited, "The run ended before it could be killed.");
    }

    [Fact]
    public void A_checkpoint_cut_short_is_passed_over_for_the_one_before()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "The test sends a POSIX signal.");
        using var folder = new TemporaryFolder();
        TinyData.WriteIdx(folder.At("idx"), train: 160);
        Training.Interrupt(folder.Path, "idx", "--epochs", "3", "--name", "cut").With(ExitCode.Stopped);
        using (var last = File.OpenWrite(folder.At("runs", "cut", "checkpoints", "last.safetensors")))
        {
            last.SetLength(last.Length / 2);
        }

        var resumed = Cli.Run(folder.Path, "train", "resume", "cut").With(ExitCode.Done);

        Assert.Contains("The checkpoint 'last.safetensors' was passed over", resumed.Error);
    }
}
