using System.Text.Json;
using Xunit;

namespace Sightline.App.Tests;

public sealed class MixingTests
{
    private static readonly string[] Mixed =
    [
        "--epochs", "3", "--augment", "trivial", "--set", "augment.mixupAlpha=0.4", "--set", "augment.cutmixAlpha=1", "--set", "augment.mixingOffEpochs=1",
        "--set", "augment.erasingProbability=0.3",
    ];

    [Fact]
    public void A_stopped_run_with_mixing_resumes_to_the_same_bits()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "The test sends a POSIX signal.");
        using var folder = new TemporaryFolder();
        TinyData.WriteIdx(folder.At("idx"), train: 160);
        Training.Run(folder.Path, "idx", [.. Mixed, "--name", "whole"]).With(ExitCode.Done);

        Training.Interrupt(folder.Path, "idx", [.. Mixed, "--name", "stopped"]).With(ExitCode.Stopped);
        Cli.Run(folder.Path, "train", "resume", "stopped", "--json").With(ExitCode.Done);

        Assert.Equal(Weights(folder, "whole"), Weights(folder, "stopped"));
        Assert.Equal(EpochLosses(folder, "whole"), EpochLosses(folder, "stopped"));
    }

    [Fact]
    public void The_number_of_workers_changes_nothing()
    {
        using var folder = new TemporaryFolder();
        TinyData.WriteIdx(folder.At("idx"), train: 96);

        Training.Run(folder.Path, "idx", [.. Mixed, "--set", "workers=1", "--name", "one"]).With(ExitCode.Done);
        Training.Run(folder.Path, "idx", [.. Mixed, "--set", "workers=5", "--name", "five"]).With(ExitCode.Done);

        Assert.Equal(Weights(folder, "one"), Weights(folder, "five"));
    }

    [Fact]
    public void Mixing_changes_the_run_and_eval_averages_over_views()
    {
        using var folder = new TemporaryFolder();
        TinyData.WriteIdx(folder.At("idx"), train: 96);
        Training.Run(folder.Path, "idx", "--epochs", "1", "--name", "plain").With(ExitCode.Done);
        Training.Run(folder.Path, "idx", "--epochs", "1", "--set", "augment.mixupAlpha=1", "--name", "mixed").With(ExitCode.Done);

        var one = Cli.Run(folder.Path, "eval", "run", "mixed", "--json").With(ExitCode.Done).Json;
        var ten = Cli.Run(folder.Path, "eval", "run", "mixed", "--tta", "flipAndCrops", "--json").With(ExitCode.Done).Json;

        Assert.NotEqual(Weights(folder, "plain"), Weights(folder, "mixed"));
        Assert.Equal(one.GetProperty("examples").GetInt32(), ten.GetProperty("examples").GetInt32());
        Assert.NotEqual(one.GetProperty("loss").GetDouble(), ten.GetProperty("loss").GetDouble());
    }

    private static byte[] Weights(TemporaryFolder folder, string run) => File.ReadAllBytes(folder.At("runs", run, "checkpoints", "best.safetensors"));

    private static List<double> EpochLosses(TemporaryFolder folder, string run) =>
    [
        .. File.ReadLines(folder.At("runs", run, "metrics.jsonl"))
            .Select(line => JsonDocument.Parse(line).RootElement)
            .Where(seen => seen.GetProperty("kind").GetString() == "epoch")
            .Select(seen => seen.GetProperty("trainLoss").GetDouble()),
    ];
}
