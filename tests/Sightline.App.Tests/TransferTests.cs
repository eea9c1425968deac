using System.Text.Json;
using Xunit;

namespace Sightline.App.Tests;

/// <summary>Weights of others, and training from them, as a user meets them.</summary>
public sealed class TransferTests : IDisposable
{
    // Nothing listens there, so that no test waits for a network.
    private const string Nowhere = "http://127.0.0.1:9/";

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Fine_tuning_is_exact_after_an_interruption_and_recorded()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "The test sends a POSIX signal.");
        TinyData.WriteClassFolders(_folder.At("first"));
        TinyData.WriteIdx(_folder.At("second"), classes: 3, train: 160);
        Training.Run(_folder.Path, "first", "--epochs", "1", "--name", "first").With(ExitCode.Done);
        var weights = _folder.At("runs", "first", "checkpoints", "best.safetensors");
        string[] settings = ["--weights", weights, "--fine-tune", "--set", "transfer.unfreezeEpochs=[1,2]", "--epochs", "4"];

        Training.Run(_folder.Path, "second", [.. settings, "--name", "whole"]).With(ExitCode.Done);
        Training.Interrupt(_folder.Path, "second", [.. settings, "--name", "stopped"]).With(ExitCode.Stopped);
        File.Move(weights, weights + ".away"); // The checkpoint holds all weights.
        Cli.Run(_folder.Path, "train", "resume", "stopped").With(ExitCode.Done);

        Assert.Equal(
            File.ReadAllBytes(_folder.At("runs", "whole", "checkpoints", "best.safetensors")),
            File.ReadAllBytes(_folder.At("runs", "stopped", "checkpoints", "best.safetensors")));
        var run = JsonDocument.Parse(File.ReadAllText(_folder.At("runs", "stopped", "run.json"))).RootElement;
        Assert.Equal(64, run.GetProperty("weightsSha256").GetString()!.Length);
        Assert.Equal("backbone", run.GetProperty("options").GetProperty("transfer").GetProperty("freeze").GetString());
        var events = File.ReadAllText(_folder.At("runs", "whole", "metrics.jsonl"));
        Assert.Contains("classifier.3.weight and classifier.3.bias start new", events);
        Assert.Contains("Frozen: stem, features.1", events);
        Assert.Contains("All stages learn.", events);
    }

    [Fact]
    public void Weights_with_code_in_them_are_refused_by_name_and_nothing_is_run()
    {
        TinyData.WriteClassFolders(_folder.At("data"));
        var evil = Repository.File("tests/golden/models/evil.pth");

        var ended = Training.Run(_folder.Path, "data", "--weights", evil).With(ExitCode.BadData);

        Assert.Contains("asks for 'posix.system', which is not part of a tensor file. Nothing in the file was run.", ended.Error);
        Assert.False(File.Exists(_folder.At("sightline-was-here")), "The file's command was run.");
    }

    [Fact]
    public void Weights_cut_short_are_refused()
    {
        TinyData.WriteClassFolders(_folder.At("data"));
        File.WriteAllBytes(_folder.At("cut.pth"), File.ReadAllBytes(Repository.File("tests/golden/models/state.pth"))[..500]);

        var ended = Training.Run(_folder.Path, "data", "--weights", _folder.At("cut.pth")).With(ExitCode.BadData);

        Assert.Contains("Copy or download it again.", ended.Error);
    }

    [Fact]
    public void Pretrained_weights_that_cannot_be_fetched_say_how_to_put_them_in_place()
    {
        TinyData.WriteClassFolders(_folder.At("data"));

        var ended = Offline("train", "data", "--model", "resnet18", "--pretrained").With(ExitCode.Provider);

        Assert.Contains("run 'sightline model pull resnet18 --file resnet18-f37072fd.pth' here", ended.Error);
        Assert.Contains(Path.Combine("weights", "resnet18-f37072fd.pth"), ended.Error);
        Assert.False(Directory.Exists(_folder.At("runs")), "A run folder was left behind.");
    }

    [Fact]
    public void Pulling_names_what_is_wrong()
    {
        File.WriteAllText(_folder.At("resnet18-f37072fd.pth"), "not weights");

        Assert.Contains("'tv_resnet18'", Offline("model", "pull", "tv_resnet18").With(ExitCode.Usage).Error);
        Assert.Contains("could not be fetched", Offline("model", "pull", "resnet18").With(ExitCode.Provider).Error);
        Assert.Contains("that of resnet18 is f37072fd", Offline("model", "pull", "resnet18", "--file", _folder.At("resnet18-f37072fd.pth")).With(ExitCode.BadData).Error);
        Assert.Contains("that of resnet34 begins with b627a593", Offline("model", "pull", "resnet34", "--file", _folder.At("resnet18-f37072fd.pth")).With(ExitCode.BadData).Error);
        Assert.Contains("There is no file", Offline("model", "pull", "resnet18", "--mirror", _folder.At("nobody")).With(ExitCode.NotFound).Error);
        Assert.Contains("both name weights", Offline("train", "data", "--pretrained", "--weights", "x").With(ExitCode.Usage).Error);
    }

    private Ended Offline(params string[] arguments)
    {
        var start = Cli.Start(_folder.Path, Cli.Executable, arguments);
        start.Environment["SIGHTLINE_CACHE"] = _folder.At("cache");
        start.Environment["SIGHTLINE_WEIGHTS_MIRROR"] = Nowhere;
        return Cli.Execute(start);
    }
}
