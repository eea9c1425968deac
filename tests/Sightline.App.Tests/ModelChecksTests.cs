using Sightline.Cli.Checks;
using Sightline.Data;
using Xunit;

namespace Sightline.App.Tests;

public sealed class ModelChecksTests(TrainedRun trained) : IClassFixture<TrainedRun>
{
    [Fact]
    public void Run_with_a_file_and_a_run_gives_both_tables()
    {
        using var folder = new TemporaryFolder();
        var data = ImageDatasets.Open(trained.At("photos"), new SplitOptions());
        var file = folder.At("probabilities.csv");
        File.WriteAllLines(file, ["picture,bright,dark", .. data.Train.Select((example, i) => $"{data.Images.Name(example.Index)},{Row(example.Label, isWrong: i == 0)}")]);
        var arguments = new ModelCheckArguments { Probabilities = file, SaveProbabilities = folder.At("kept.npy"), Run = trained.At("runs", "first") };

        var outcome = ModelChecks.Run(data, arguments, _ => { }, TimeProvider.System, CancellationToken.None);

        var text = new StringWriter();
        ModelChecks.Write(outcome, text);
        Assert.Equal(data.Images.Name(data.Train[0].Index), outcome.Findings.Single(finding => finding.Kind == "wrong-label").Subject);
        Assert.Equal(data.Train.Count, outcome.Labels?.Pictures);
        Assert.Equal("mobilenet_v3_small", outcome.Embeddings?.Model);
        Assert.True(File.Exists(folder.At("kept.npy")));
        Assert.Contains("CLASS   PICTURES  FLAGGED  ESTIMATED  MOSTLY", text.ToString());
        Assert.Contains("by mobilenet_v3_small.", text.ToString());
    }

    [Fact]
    public void Run_of_nothing_finds_nothing()
    {
        var data = ImageDatasets.Open(trained.At("photos"), new SplitOptions());

        var outcome = ModelChecks.Run(data, new ModelCheckArguments(), _ => { }, TimeProvider.System, CancellationToken.None);

        Assert.Equal(new ModelCheckOutcome(outcome.Findings, null, null), outcome);
        Assert.Empty(outcome.Findings);
    }

    private static string Row(int label, bool isWrong) => (label == 0) != isWrong ? "0.95,0.05" : "0.05,0.95";
}
