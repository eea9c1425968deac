using System.Text.Json;
using Xunit;

namespace Sightline.App.Tests;

/// <summary>The commands below <c>eval</c>, through the real executable.</summary>
public sealed class EvalCommandsTests(TrainedRun run) : IClassFixture<TrainedRun>
{
    [Fact]
    public void Compare_has_the_approved_names_and_warns_of_pictures_that_one_run_was_trained_on()
    {
        Training.Run(run.Folder, "photos", "--epochs", "1", "--seed", "2", "--name", "second", "--json").With(ExitCode.Done);

        var json = Cli.Run(run.Folder, "eval", "compare", "first", "second", "--json").With(ExitCode.Done).Json;
        var text = Cli.Run(run.Folder, "eval", "compare", "first", "second").With(ExitCode.Done).Out;

        Approved.Match("json.eval-compare", JsonNames.Of(json));
        Assert.Equal(run.Result.Json.GetProperty("testAccuracy").GetDouble(), json.GetProperty("firstAccuracy").GetDouble());
        Assert.Contains("second run was trained on", json.GetProperty("warnings")[0].GetString());
        Assert.Contains("Warning", text);
        Assert.Contains("Macro F1", text);
        Directory.Delete(run.At("runs", "second"), recursive: true);
    }

    [Fact]
    public void Compare_needs_the_same_classes()
    {
        TinyData.WriteIdx(run.At("idx"));
        Training.Run(run.Folder, "idx", "--epochs", "1", "--name", "digits").With(ExitCode.Done);

        var ended = Cli.Run(run.Folder, "eval", "compare", "first", "digits").With(ExitCode.BadData);

        Assert.Contains("different classes", ended.Error);
        Directory.Delete(run.At("runs", "digits"), recursive: true);
    }

    [Fact]
    public void Errors_lists_each_mistake_with_its_path()
    {
        // All pictures in the other class's folder, so that whatever the model says, the two runs of the command add up.
        var straight = Errors("photos");
        Directory.CreateDirectory(run.At("swapped"));
        TinyData.WriteClassFolders(run.At("swapped"));
        Directory.Move(run.At("swapped", "dark"), run.At("swapped", "x"));
        Directory.Move(run.At("swapped", "bright"), run.At("swapped", "dark"));
        Directory.Move(run.At("swapped", "x"), run.At("swapped", "bright"));
        var crossed = Errors("swapped");

        Assert.Equal(40, straight.GetProperty("errors").GetInt32() + crossed.GetProperty("errors").GetInt32());
        var all = straight.GetProperty("errors").GetInt32() > 0 ? straight : crossed;
        Approved.Match("json.eval-errors", JsonNames.Of(all));
        Assert.All(all.GetProperty("mistakes").EnumerateArray(), mistake => Assert.True(File.Exists(run.At(mistake.GetProperty("path").GetString()!)))); // Each has one.
        var pair = all.GetProperty("pairs")[0];
        var (truth, predicted) = (pair.GetProperty("trueClass").GetString()!, pair.GetProperty("predictedClass").GetString()!);
        var csv = Cli.Run(run.Folder, "eval", "errors", "first", "--data", all.Equals(straight) ? "photos" : "swapped", "--split", "all", "--pair", truth, predicted, "--csv").With(ExitCode.Done).Out;
        Assert.Equal(pair.GetProperty("count").GetInt32() + 1, csv.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);
        Assert.StartsWith("path,true,predicted,probability,trueProbability,loss", csv);
    }

    [Fact]
    public void Errors_of_a_class_that_is_not_there_offers_near_names()
    {
        var ended = Cli.Run(run.Folder, "eval", "errors", "first", "--pair", "birght", "dark").With(ExitCode.Usage);

        Assert.Contains("Did you mean 'bright'?", ended.Error);
    }

    [Fact]
    public void Thresholds_has_the_approved_names()
    {
        var json = Cli.Run(run.Folder, "eval", "thresholds", "first", "--split", "validation", "--calibrated", "--json").With(ExitCode.Done).Json;
        var one = Cli.Run(run.Folder, "eval", "thresholds", "first", "--class", "dark").With(ExitCode.Done).Out;

        Approved.Match("json.eval-thresholds", JsonNames.Of(json));
        Assert.Contains("0.95", one);
        Cli.Run(run.Folder, "eval", "thresholds", "first", "--class", "drak").With(ExitCode.Usage);
    }

    [Fact]
    public void Training_leaves_a_calibration_that_eval_and_predict_use()
    {
        var file = run.At("runs", "first", "calibration.json");
        var stored = JsonDocument.Parse(File.ReadAllText(file)).RootElement;
        var temperature = stored.GetProperty("temperature").GetDouble();
        var evaluated = Cli.Run(run.Folder, "eval", "run", "first", "--json").With(ExitCode.Done).Json.GetProperty("calibrated");
        Assert.Equal(temperature, evaluated.GetProperty("temperature").GetDouble());

        double[] Probabilities(params string[] more) => [.. Cli.Run(run.Folder, ["predict", "first", "photos/dark/0.bmp", "--json", .. more]).With(ExitCode.Done).Json
            .GetProperty("probabilities").EnumerateObject().Select(entry => entry.Value.GetDouble())];

        var (plain, calibrated) = (Probabilities(), Probabilities("--calibrated"));
        Assert.Equal(Math.Log(plain[0] / plain[1]) / temperature, Math.Log(calibrated[0] / calibrated[1]), 6);

        // The temperature was fitted for one view.
        Cli.Run(run.Folder, "predict", "first", "photos/dark/0.bmp", "--tta", "flip", "--calibrated").With(ExitCode.Usage);
        Assert.NotEqual(plain[0], Probabilities("--tta", "crops")[0]);

        File.Delete(file);
        Assert.Contains("eval calibrate", Cli.Run(run.Folder, "predict", "first", "photos/dark/0.bmp", "--calibrated").With(ExitCode.NotFound).Error);
        var again = Cli.Run(run.Folder, "eval", "calibrate", "first", "--json").With(ExitCode.Done).Json;
        Approved.Match("json.eval-calibrate", JsonNames.Of(again));
        Assert.Equal(temperature, again.GetProperty("temperature").GetDouble(), 4);
    }

    [Fact]
    public void Report_is_written_anew_with_pictures_of_what_the_model_looked_at()
    {
        var files = new[] { run.At("runs", "first", "report.html"), run.At("runs", "first", "report.json") };
        var before = JsonDocument.Parse(File.ReadAllText(files[1])).RootElement.GetProperty("evaluation").GetProperty("accuracy").GetDouble();
        Array.ForEach(files, File.Delete);

        var json = Cli.Run(run.Folder, "eval", "report", "first", "--json").With(ExitCode.Done).Json;

        Approved.Match("json.eval-report", JsonNames.Of(json));
        Assert.Equal(before, json.GetProperty("accuracy").GetDouble());
        Assert.All(files, file => Assert.True(File.Exists(file)));
        Assert.Contains("What spoke for", File.ReadAllText(files[0]));
    }

    [Fact]
    public void Kfold_judges_each_picture_once_and_goes_on_by_its_name()
    {
        string[] command = ["eval", "kfold", "photos", "--folds", "2", "--epochs", "1", .. Small, "--name", "k", "--ignore-duplicates", "--json"]; // All pictures of a class are near duplicates there.
        var ended = Cli.Run(run.Folder, command).With(ExitCode.Done);
        var again = Cli.Run(run.Folder, command).With(ExitCode.Done);
        var other = Cli.Run(run.Folder, [.. command, "--seed", "5"]).With(ExitCode.Usage);

        Approved.Match("json.eval-kfold", JsonNames.Of(ended.Json));
        Assert.Equal(40, ended.Json.GetProperty("pooled").GetProperty("examples").GetInt32());
        Assert.Contains("fold 2/2, epoch 1", ended.Error);
        Assert.Equal(ended.Out, again.Out);
        Assert.DoesNotContain("epoch", again.Error);
        Assert.Contains("Choose another --name", other.Error);

        // The fold's run knows its own split: its test pictures are the fold.
        var fold = ended.Json.GetProperty("folds")[0];
        var judged = Cli.Run(run.Folder, "eval", "run", "k-fold-1", "--json").With(ExitCode.Done).Json;
        Assert.Equal(fold.GetProperty("examples").GetInt32(), judged.GetProperty("examples").GetInt32());
        Assert.Equal(fold.GetProperty("accuracy").GetDouble(), judged.GetProperty("accuracy").GetDouble());
        foreach (var name in new[] { "k-fold-1", "k-fold-2" })
        {
            Directory.Delete(run.At("runs", name), recursive: true);
        }
    }

    [Fact]
    public void Kfold_keeps_a_picture_and_its_copy_in_one_fold()
    {
        using var folder = new TemporaryFolder();
        var random = new Random(3);
        foreach (var (name, level) in new[] { ("bright", 180), ("dark", 60) })
        {
            Directory.CreateDirectory(folder.At("noise", name));
            for (var i = 0; i < 12; i++)
            {
                TinyData.WriteNoise(folder.At("noise", name, $"{i}.bmp"), level, random, side: 32);
            }

            for (var i = 0; i < 5; i++)
            {
                File.Copy(folder.At("noise", name, $"{i}.bmp"), folder.At("noise", name, $"copy of {i}.bmp"));
            }
        }

        var ended = Cli.Run(folder.Path, ["eval", "kfold", "noise", "--folds", "2", "--epochs", "1", .. Small, "--name", "k", "--json"]).With(ExitCode.Done);

        Assert.Equal(10, ended.Json.GetProperty("clustersKeptWhole").GetInt32());
        var held = JsonDocument.Parse(File.ReadAllText(folder.At("runs", "k-fold-1", "split.json"))).RootElement.GetProperty("test").EnumerateArray().Select(name => name.GetString()!).ToHashSet();
        Assert.InRange(held.Count, 12, 22);
        Assert.All(
            from kind in new[] { "bright", "dark" } from i in Enumerable.Range(0, 5) select (kind, i),
            pair => Assert.Equal(held.Any(name => name.EndsWith($"{pair.kind}/{pair.i}.bmp")), held.Any(name => name.EndsWith($"{pair.kind}/copy of {pair.i}.bmp"))));
    }

    [Fact]
    public void Learning_curve_trains_growing_shares()
    {
        string[] command = ["eval", "learning-curve", "photos", "--shares", "0.25,0.5,1", "--epochs", "1", .. Small, "--larger", "mobilenet_v3_large", "--name", "c"];

        var ended = Cli.Run(run.Folder, [.. command, "--json"]).With(ExitCode.Done);
        var text = Cli.Run(run.Folder, command).With(ExitCode.Done);

        Approved.Match("json.eval-learning-curve", JsonNames.Of(ended.Json));
        Assert.Equal([8, 16, 32], ended.Json.GetProperty("points").EnumerateArray().Select(point => point.GetProperty("pictures").GetInt32()));
        Assert.Equal([4, 2, 1], ended.Json.GetProperty("points").EnumerateArray().Select(point => point.GetProperty("epochs").GetInt32()));
        Assert.Contains("twice the training pictures (64)", text.Out);
        Assert.DoesNotContain("epoch 1:", text.Error);
        Cli.Run(run.Folder, "eval", "learning-curve", "photos", "--shares", "0.5,1").With(ExitCode.Usage);
        foreach (var name in new[] { "c-share-25", "c-share-50", "c-share-100", "c-mobilenet_v3_large" })
        {
            Directory.Delete(run.At("runs", name), recursive: true);
        }
    }

    [Fact]
    public void Recommend_measures_here_and_has_the_approved_names()
    {
        var json = Cli.Run(run.Folder, "model", "recommend", "photos", "--probe-seconds", "3", "--batch", "8", "--set", "threads=1", "--json").With(ExitCode.Done).Json;

        Approved.Match("json.model-recommend", JsonNames.Of(json));
        Assert.Contains(json.GetProperty("candidates").EnumerateArray(), one => one.GetProperty("speedSource").GetString() == "measured");
        Assert.Contains("recommended", Cli.Run(run.Folder, "model", "recommend", "photos", "--probe-seconds", "0").With(ExitCode.Done).Out);
        Assert.Contains("No model keeps", Cli.Run(run.Folder, "model", "recommend", "photos", "--probe-seconds", "0", "--max-memory", "1MB").With(ExitCode.LimitReached).Out);
        Assert.Contains("8GiB", Cli.Run(run.Folder, "model", "recommend", "photos", "--max-memory", "much").With(ExitCode.Usage).Error);
    }

    private static string[] Small { get; } = ["--model", "mobilenet_v3_small", "--size", "32", "--batch", "8", "--set", "threads=1"];

    private JsonElement Errors(string data) => Cli.Run(run.Folder, "eval", "errors", "first", "--data", data, "--split", "all", "--json").With(ExitCode.Done).Json;
}
