using System.Text.Json;
using Xunit;

namespace Sightline.App.Tests;

/// <summary><c>tune start</c> with trials that are trainings, from the space to the winner's recipe. Eleven trainings of a second or less, which is why it takes some.</summary>
public sealed class TuneTrainingTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_study_of_trainings_names_a_winner_over_seeds_writes_its_recipe_and_its_report()
    {
        TinyData.WriteIdx(_folder.At("data"), train: 64, test: 16);
        File.WriteAllText(_folder.At("space.json"), """[{"kind":"float","name":"optimizer.learningRate","low":0.001,"high":0.2,"log":true},{"kind":"int","name":"batchSize","low":8,"high":16,"step":8}]""");
        string[] recipe = ["--set", "model=resnet10_small", "--set", "epochs=1", "--set", "batchSize=8", "--set", "threads=1", "--set", "workers=1", "--set", "layout=nchw", "--set", "validationShare=0.25"];

        var started = Tune(["start", "--name", "tiny", "--data", _folder.At("data"), .. recipe, "--space", "space.json", "--trials", "2", "--price", "3.6", "--json"]).With(ExitCode.Done);

        Assert.Equal(2, started.Json.GetProperty("trials").GetProperty("total").GetInt32());
        Assert.True(started.Json.GetProperty("spentUsd").GetDecimal() > 0);
        var winners = started.Json.GetProperty("winners").EnumerateArray().ToList();
        Assert.All(winners, winner => Assert.Equal(3, winner.GetProperty("testAccuracies").GetArrayLength()));
        Assert.Contains(winners, winner => winner.GetProperty("trial").ValueKind == JsonValueKind.Null);

        // The recipe's own settings were the first trial.
        Tune("status", "tiny", "--report", "report.html").With(ExitCode.Done);
        Assert.Contains("optimizer.learningRate", File.ReadAllText(_folder.At("report.html")), StringComparison.Ordinal);
        Tune("best", "tiny", "--save", "best.json").With(ExitCode.Done);
        using var best = JsonDocument.Parse(File.ReadAllText(_folder.At("best.json")));
        Assert.InRange(best.RootElement.GetProperty("optimizer").GetProperty("learningRate").GetDouble(), 0.001, 0.2);
        Assert.Equal("resnet10_small", best.RootElement.GetProperty("model").GetString());
    }

    [Fact]
    public void What_does_not_fit_a_recipe_is_refused_before_anything_runs()
    {
        TinyData.WriteIdx(_folder.At("data"));
        File.WriteAllText(_folder.At("space.json"), """[{"kind":"int","name":"epochs","low":1,"high":9}]""");

        var fixedSetting = Tune("start", "--data", _folder.At("data"), "--space", "space.json", "--trials", "2").With(ExitCode.Usage);
        var preset = Tune("start", "--data", _folder.At("data"), "--space", "wide", "--trials", "2").With(ExitCode.Usage);
        var noData = Tune("start", "fashion-mnist-quick", "--space", "quick", "--trials", "2").With(ExitCode.Usage);

        Assert.Contains("'epochs' is the same for all trials of a study; set it in the recipe.", fixedSetting.Error, StringComparison.Ordinal);
        Assert.Contains("There is no search space 'wide'. There are quick, standard, architecture", preset.Error, StringComparison.Ordinal);
        Assert.Contains("give --data", noData.Error, StringComparison.Ordinal);
    }

    private Ended Tune(params string[] arguments) => Cli.Run(_folder.Path, ["tune", .. arguments]);
}
