using System.Text.Json;
using Xunit;

namespace Sightline.App.Tests;

/// <summary>From training to prediction through the real executable.</summary>
public sealed class RunCommandsTests(TrainedRun run) : IClassFixture<TrainedRun>
{
    [Fact]
    public void Train_prints_one_document_and_leaves_a_run_with_its_report()
    {
        var json = run.Result.Json;

        Approved.Match("json.train", JsonNames.Of(json));
        Assert.Equal(run.At("runs", "first"), json.GetProperty("run").GetString());
        Assert.Equal(2, json.GetProperty("epochs").GetInt32());
        Assert.Contains("epoch 2/2", run.Result.Error);
        foreach (var file in new[] { "run.json", "metrics.jsonl", "report.html", "report.json", Path.Combine("checkpoints", "best.safetensors") })
        {
            Assert.True(File.Exists(run.At("runs", "first", file)), file);
        }
    }

    [Fact]
    public void Eval_run_has_the_approved_names_and_agrees_with_training()
    {
        var json = Cli.Run(run.Folder, "eval", "run", "first", "--json").With(ExitCode.Done).Json;

        Approved.Match("json.eval-run", JsonNames.Of(json));
        Assert.Equal(run.Result.Json.GetProperty("testAccuracy").GetDouble(), json.GetProperty("accuracy").GetDouble());
        Assert.Equal(json.GetProperty("examples").GetInt32(), json.GetProperty("confusion").EnumerateArray().SelectMany(row => row.EnumerateArray()).Sum(cell => cell.GetInt32()));
    }

    [Fact]
    public void Eval_run_on_other_data_needs_the_same_classes()
    {
        Directory.CreateDirectory(run.At("other", "grey"));
        TinyData.WriteClassFolders(run.At("other"));
        TinyData.WriteBmp(run.At("other", "grey", "0.bmp"), 120);

        var ended = Cli.Run(run.Folder, "eval", "run", "first", "--data", "other").With(ExitCode.BadData);

        Assert.Contains("grey", ended.Error);
    }

    [Fact]
    public void Eval_run_judges_all_of_other_data_that_has_no_test_split()
    {
        TinyData.WriteClassFolders(run.At("unsplit"), perClass: 7);

        int Pictures(params string[] more) =>
            Cli.Run(run.Folder, ["eval", "run", "first", "--json", "--data", "unsplit", .. more]).With(ExitCode.Done).Json.GetProperty("examples").GetInt32();

        Assert.Equal(14, Pictures());
        Assert.True(Pictures("--split", "test") < 14);
    }

    [Fact]
    public void Predict_prints_a_line_of_json_per_picture()
    {
        var ended = Cli.Run(run.Folder, "predict", "last", "photos/dark", "photos/bright/0.bmp", "--json").With(ExitCode.Done);

        var lines = ended.Out.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonDocument.Parse(line).RootElement).ToList();
        Assert.Equal(21, lines.Count);
        Approved.Match("json.predict", JsonNames.Of(lines[0]));
        Assert.Equal(1, lines[0].GetProperty("probabilities").EnumerateObject().Sum(entry => entry.Value.GetDouble()), 6);
    }

    [Fact]
    public void Predict_prints_csv_with_a_column_per_class()
    {
        var ended = Cli.Run(run.Folder, "predict", "first", "photos/dark/0.bmp", "--csv").With(ExitCode.Done);

        var lines = ended.Out.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal("path,label,probability,bright,dark", lines[0].Trim());
        Assert.Equal(2, lines.Length);
    }

    [Fact]
    public void Predict_names_files_that_cannot_be_read_and_goes_on()
    {
        File.WriteAllBytes(run.At("empty.png"), []);

        var ended = Cli.Run(run.Folder, "predict", "first", "empty.png", "photos/dark/0.bmp").With(ExitCode.BadData);

        Assert.Contains("empty.png", ended.Error);
        Assert.Contains("photos/dark/0.bmp", ended.Out);
        Cli.Run(run.Folder, "predict", "first", "nowhere.png").With(ExitCode.NotFound);
    }

    [Fact]
    public void Run_list_and_run_show_have_the_approved_names()
    {
        var list = Cli.Run(run.Folder, "run", "list", "--json").With(ExitCode.Done).Json;
        var show = Cli.Run(run.Folder, "run", "show", "last", "--json").With(ExitCode.Done).Json;

        Approved.Match("json.run-list", JsonNames.Of(list));
        Approved.Match("json.run-show", JsonNames.Of(show));
        Assert.Equal("finished", show.GetProperty("summary").GetProperty("state").GetString());
    }

    [Fact]
    public void Text_output_is_for_people()
    {
        Assert.Contains("Accuracy", Cli.Run(run.Folder, "eval", "run", "first").With(ExitCode.Done).Out);
        Assert.Contains("mobilenet_v3_small", Cli.Run(run.Folder, "run", "list").With(ExitCode.Done).Out);
        var shown = Cli.Run(run.Folder, "run", "show", "first").With(ExitCode.Done).Out;
        Assert.Contains("EPOCH", shown);
        Assert.Contains("UPDATE/WEIGHT", shown);
    }

    [Fact]
    public void A_name_that_exists_and_a_near_name_are_explained()
    {
        var again = Training.Run(run.Folder, "photos", "--name", "first").With(ExitCode.Usage);
        var near = Cli.Run(run.Folder, "run", "show", "frist").With(ExitCode.NotFound);

        Assert.Contains("exists already", again.Error);
        Assert.Contains("Did you mean 'first'?", near.Error);
    }

    [Fact]
    public void Resume_of_a_finished_run_is_refused() =>
        Assert.Contains("is finished", Cli.Run(run.Folder, "train", "resume", "first").With(ExitCode.Usage).Error);

    [Fact]
    public void A_run_file_repeats_the_run()
    {
        var ended = Cli.Run(run.Folder, "train", "--config", Path.Combine("runs", "first", "run.json"), "--name", "again", "--json").With(ExitCode.Done);

        Assert.Equal(run.Result.Json.GetProperty("validationAccuracy").GetDouble(), ended.Json.GetProperty("validationAccuracy").GetDouble());
        Assert.Equal(File.ReadAllBytes(run.At("runs", "first", "checkpoints", "best.safetensors")), File.ReadAllBytes(run.At("runs", "again", "checkpoints", "best.safetensors")));
        Directory.Delete(run.At("runs", "again"), recursive: true);
    }
}
