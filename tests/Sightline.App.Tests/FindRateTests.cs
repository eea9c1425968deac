using Xunit;

namespace Sightline.App.Tests;

public sealed class FindRateTests
{
    [Fact]
    public void The_sweep_suggests_a_rate_and_writes_its_curve_and_no_run()
    {
        using var folder = new TemporaryFolder();
        TinyData.WriteIdx(folder.At("idx"), train: 64);
        string[] arguments =
            ["train", "find-lr", "idx", "--model", "mobilenet_v3_small", "--size", "32", "--batch", "8", "--set", "threads=1", "--steps", "40", "--out", "rate"];

        var found = Cli.Run(folder.Path, [.. arguments, "--json"]).With(ExitCode.Done).Json;

        Approved.Match("json.train-find-lr", JsonNames.Of(found));
        Assert.Equal(found.GetProperty("rates").GetArrayLength(), found.GetProperty("smoothed").GetArrayLength());
        Assert.Contains("<svg class=\"plot\"", File.ReadAllText(folder.At("rate.html")));
        Assert.True(File.Exists(folder.At("rate.json")));
        Assert.False(Directory.Exists(folder.At("runs")));
    }

    [Fact]
    public void Steps_out_of_range_are_told()
    {
        using var folder = new TemporaryFolder();
        TinyData.WriteIdx(folder.At("idx"));

        var ended = Cli.Run(folder.Path, "train", "find-lr", "idx", "--steps", "3").With(ExitCode.Usage);

        Assert.Contains("Steps is 3; it must be from 20 to 10000. Pass --steps 100.", ended.Error);
    }
}
