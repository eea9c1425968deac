using Xunit;

namespace Sightline.App.Tests;

public sealed class RegularisationTests
{
    private static readonly string[] All =
    [
        "--epochs", "3", "--set", "sampling=balanced", "--set", "samplingPower=0.5", "--set", "repeats=2", "--set", "regularisation.startSize=16",
        "--set", "regularisation.stochasticDepth=0.2", "--set", "regularisation.dropout=0.3", "--set", "loss.kind=asymmetric",
    ];

    [Fact]
    public void A_stopped_run_with_all_of_it_resumes_to_the_same_bits()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "The test sends a POSIX signal.");
        using var folder = new TemporaryFolder();
        TinyData.WriteIdx(folder.At("idx"), train: 160);
        Training.Run(folder.Path, "idx", [.. All, "--name", "whole"]).With(ExitCode.Done);

        Training.Interrupt(folder.Path, "idx", [.. All, "--name", "stopped"]).With(ExitCode.Stopped);
        Cli.Run(folder.Path, "train", "resume", "stopped").With(ExitCode.Done);

        Assert.Equal(Tensors(folder, "whole"), Tensors(folder, "stopped"));
    }

    // All tensors of the last checkpoint: what stands before them holds the seconds of training.
    private static byte[] Tensors(TemporaryFolder folder, string run)
    {
        var file = File.ReadAllBytes(folder.At("runs", run, "checkpoints", "last.safetensors"));
        return file[(8 + (int)BitConverter.ToInt64(file, 0))..];
    }
}
