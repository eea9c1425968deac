using System.Buffers.Binary;
using System.Text.Json;
using Xunit;

namespace Sightline.App.Tests;

public sealed class DataPreviewTests
{
    [Fact]
    public void Sheet_has_a_row_per_picture_and_a_legend_in_words()
    {
        using var folder = new TemporaryFolder();
        TinyData.WriteArches(folder.At("arches"), train: 40, test: 4);

        var ended = Cli.Run(folder.Path, "data", "preview", "arches", "--augment", "trivial", "--rows", "4", "--columns", "3", "--out", "sheet.png").With(ExitCode.Done);

        // Pictures of 16 pixels are enlarged six times; four pixels lie around each.
        var png = File.ReadAllBytes(folder.At("sheet.png"));
        Assert.Equal((404, 404), (BinaryPrimitives.ReadInt32BigEndian(png.AsSpan(16)), BinaryPrimitives.ReadInt32BigEndian(png.AsSpan(20))));
        Assert.Contains("Policy    Trivial, seed 1", ended.Out);
        Assert.Contains("COLUMN 4", ended.Out);
    }

    [Fact]
    public void Sheet_json_has_the_approved_names_and_the_choice_by_size()
    {
        using var folder = new TemporaryFolder();
        TinyData.WriteArches(folder.At("arches"), train: 40, test: 4);

        var json = Cli.Run(folder.Path, "data", "preview", "arches", "--set", "augment.horizontalFlip=false", "--json").With(ExitCode.Done).Json;

        Approved.Match("json.data-preview", JsonNames.Of(json));
        // One setting given leaves the others as they are chosen by size.
        Assert.Equal(2, json.GetProperty("augment").GetProperty("padCrop").GetInt32());
        Assert.Equal(1, json.GetProperty("augment").GetProperty("minimumCropArea").GetDouble());
    }

    [Fact]
    public void Operators_are_listed_with_their_ranges()
    {
        var json = Cli.Run(Path.GetTempPath(), "data", "preview", "--list-operators", "--json").With(ExitCode.Done).Json;

        var rotate = json.EnumerateArray().Single(known => known.GetProperty("name").GetString() == "rotate");
        Assert.Equal(135, rotate.GetProperty("strongest").GetDouble());
    }

    [Fact]
    public void Nothing_to_preview_is_a_usage_error()
    {
        var ended = Cli.Run(Path.GetTempPath(), "data", "preview").With(ExitCode.Usage);

        Assert.Contains("What to preview is missing. Pass the data's folder: 'sightline data preview DATA --augment trivial'.", ended.Error);
    }

    [Fact]
    public void Audit_flags_a_flip_that_makes_one_class_the_other_and_train_accepts_its_proposal()
    {
        using var folder = new TemporaryFolder();
        TinyData.WriteArches(folder.At("arches"), train: 400, test: 40);
        string[] training = ["--model", "resnet10_small", "--batch", "16", "--set", "threads=1", "--set", "validationShare=0.2"];
        Cli.Run(folder.Path, ["train", "arches", "--epochs", "2", "--augment", "basic", "--name", "judge", .. training]).With(ExitCode.Done);

        Cli.Run(folder.Path, ["train", "arches", "--epochs", "1", "--augment", "none", "--name", "plain", .. training]).With(ExitCode.Done);

        var json = Cli.Run(folder.Path, "data", "preview", "arches", "--audit", "judge", "--plain", "plain", "--operators", "verticalFlip,horizontalFlip,crop,translateX,saturation",
            "--strengths", "0.1,1", "--pictures", "64", "--out", "proposal.json", "--json").With(ExitCode.Done).Json;

        // Which fields a proposal has depends on the figures.
        var names = JsonNames.Of(json).Split('\n').Where(name => !name.StartsWith("proposed.", StringComparison.Ordinal));
        Approved.Match("json.data-preview-audit", string.Join('\n', names));
        var lines = json.GetProperty("lines").EnumerateArray().ToList();
        Assert.Equal("tooStrong", Verdict("verticalFlip"));
        Assert.Contains("pictures of '", Line("verticalFlip").GetProperty("reason").GetString());
        Assert.NotEqual("tooStrong", Verdict("horizontalFlip"));
        Assert.Equal("tooStrong", Verdict("crop", 1));
        Assert.Equal("noEffect", Verdict("saturation", 1)); // The pictures are grey.
        Assert.Contains("Trained without augmentation the gap is ", json.GetProperty("summary").GetString());
        Assert.Contains(
            "was trained with augmentation, so it does not say what happens without.",
            Cli.Run(folder.Path, "data", "preview", "arches", "--audit", "judge", "--plain", "judge").With(ExitCode.Usage).Error);
        var proposed = json.GetProperty("proposed").GetProperty("augment").GetProperty("operators").EnumerateArray().Select(step => step.GetProperty("operator").GetString()).ToList();
        Assert.DoesNotContain("verticalFlip", proposed);
        Assert.DoesNotContain("saturation", proposed);
        var run = Cli.Run(folder.Path, ["train", "arches", "--epochs", "1", "--config", "proposal.json", "--name", "second", .. training]).With(ExitCode.Done);
        Assert.Contains("second", run.Out);

        JsonElement Line(string name, double? strength = null) => lines.Single(line => line.GetProperty("operator").GetString() == name
            && (strength is null || line.GetProperty("strength").GetDouble() == strength));

        string Verdict(string name, double? strength = null) => Line(name, strength).GetProperty("verdict").GetString()!;
    }
}
