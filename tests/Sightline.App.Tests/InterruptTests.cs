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
