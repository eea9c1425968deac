using System.Text.Json;
using Xunit;

namespace Sightline.App.Tests;

/// <summary><c>train --reproduce</c> through the real executable.</summary>
public sealed class ReproduceTests(TrainedRun run) : IClassFixture<TrainedRun>
{
    [Fact]
    public void A_run_is_reproduced_to_the_bit()
    {
        var ended = Cli.Run(run.Folder, "train", "--reproduce", "first", "--name", "second", "--json").With(ExitCode.Done);

        var outcome = ended.Json.GetProperty("reproduction");
        Assert.True(outcome.GetProperty("identical").GetBoolean());
        Assert.Empty(outcome.GetProperty("differences").EnumerateArray());
        Assert.Equal(run.Result.Json.GetProperty("lastWeightsSha256").GetString(), ended.Json.GetProperty("lastWeightsSha256").GetString());
        Assert.Equal(
            File.ReadAllBytes(run.At("runs", "first", "checkpoints", "best.safetensors")),
            File.ReadAllBytes(run.At("runs", "second", "checkpoints", "best.safetensors")));
    }

    [Fact]
    public void What_differs_is_said_and_other_weights_end_with_the_code_of_a_gate()
    {
        // As if the run had been made by another version; and with another rate, which makes other weights.
        var text = File.ReadAllText(run.At("runs", "first", "run.json"));
        Directory.CreateDirectory(run.At("runs", "older"));
        foreach (var file in new[] { "metrics.jsonl", "split.json" })
        {
            File.Copy(run.At("runs", "first", file), run.At("runs", "older", file));
        }

        var version = JsonDocument.Parse(text).RootElement.GetProperty("sightlineVersion").GetString();
        File.WriteAllText(run.At("runs", "older", "run.json"), text.Replace($"\"sightlineVersion\": \"{version}\"", "\"sightlineVersion\": \"0.0.1\""));

        var ended = Cli.Run(run.Folder, "train", "--reproduce", "older", "--learning-rate", "0.01", "--name", "third").With(ExitCode.GateFailed);

        Assert.Contains($"Differs: sightlineVersion: \"0.0.1\" then, \"{version}\" now", ended.Error);
        Assert.Contains("options.optimizer.learningRate: 0.05 then, 0.01 now", ended.Out);
        Assert.Contains("the weights differ. So does: ", ended.Out);
    }

    [Fact]
    public void Other_data_and_unfinished_runs_are_refused()
    {
        TinyData.WriteClassFolders(run.At("more"), perClass: 21);
        var data = Cli.Run(run.Folder, "train", "more", "--reproduce", "first").With(ExitCode.BadData);
        Assert.Contains("are not those of the run", data.Error);

        Directory.CreateDirectory(run.At("runs", "unfinished"));
        File.Copy(run.At("runs", "first", "run.json"), run.At("runs", "unfinished", "run.json"));
        Assert.Contains("is not finished", Cli.Run(run.Folder, "train", "--reproduce", "unfinished").With(ExitCode.Usage).Error);
    }
}
