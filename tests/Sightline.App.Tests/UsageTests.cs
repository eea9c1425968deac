using Xunit;

namespace Sightline.App.Tests;

/// <summary>Wrong arguments: what is said, and that the exit code is 2.</summary>
public sealed class UsageTests
{
    [Theory]
    [InlineData("trian", "'trian' is not a command of 'sightline'. Did you mean 'train'?")]
    [InlineData("model", "'sightline model' needs a command: ")]
    [InlineData("model lst", "'lst' is not a command of 'sightline model'. Did you mean 'list'?")]
    [InlineData("train . --epoch 3", "'--epoch' is not an option of 'sightline train'. Did you mean '--epochs'?")]
    [InlineData("train --epoch 3", "'--epoch' is not an option of 'sightline train'. Did you mean '--epochs'?")]
    [InlineData("model show resnet50 --size big", "--size is 'big'; it must be a whole number.")]
    [InlineData("model show resnet50 extra", "'extra' is one argument too many for 'sightline model show'.")]
    [InlineData("model show", "Required argument 'NAME' missing")]
    [InlineData("train", "What to train on is missing.")]
    [InlineData("train . --model resnet51", "There is no model 'resnet51'.")]
    [InlineData("train . --epochs many", "epochs is many (--epochs); it must be a whole number.")]
    [InlineData("train . --epochs 0", "Epochs is 0; it must be from 1 to 10000.")]
    [InlineData("train . --set learningRate=1", "--set names 'learningRate', and there is no such setting. Did you mean 'optimizer.learningRate'?")]
    [InlineData("train . --set optimizer.lerningRate=1", "Did you mean 'optimizer.learningRate'?")]
    [InlineData("train . --set optimizer.kind=adamx", "optimizer.kind is \"adamx\" (--set); it must be sgd or adamW or adam or rmsProp or lamb or lion.")]
    [InlineData("train . --set epochs", "--set takes KEY=VALUE")]
    [InlineData("train . --set schedule.milestones=0.5,0.2", "Milestones are [0.5, 0.2]; they must rise")]
    [InlineData("quickstart --recipe nonsense", "There is no recipe 'nonsense'. There are: digits-quick, fashion-mnist-best, fashion-mnist-quick, fine-tune.")]
    public void Wrong_arguments_are_explained(string line, string expected)
    {
        using var folder = new TemporaryFolder();
        TinyData.WriteIdx(folder.Path);

        var ended = Cli.Run(folder.Path, line.Split(' ')).With(ExitCode.Usage);

        Assert.Contains(expected, ended.Error);
        Assert.Empty(ended.Out);
        Assert.False(Directory.Exists(folder.At("runs")), "A run folder was left behind.");
    }

    [Theory]
    [InlineData("train nowhere", "The data set 'nowhere' is not there.")]
    [InlineData("train . --config nowhere.json", "The settings file 'nowhere.json' is not there.")]
    [InlineData("run show nowhere", "There is no run 'nowhere', and 'runs' holds no runs.")]
    [InlineData("train resume nowhere", "There is no run 'nowhere', and 'runs' holds no runs.")]
    public void Missing_things_are_named(string line, string expected)
    {
        using var folder = new TemporaryFolder();

        var ended = Cli.Run(folder.Path, line.Split(' ')).With(ExitCode.NotFound);

        Assert.Contains(expected, ended.Error);
        Assert.Empty(ended.Out);
    }

    [Theory]
    [InlineData("{ \"epochs\": 3, \"epoch\": 4 }", "'settings.json' names 'epoch', and there is no such setting. Did you mean 'epochs'?")]
    [InlineData("{ \"optimizer\": { \"momentun\": 0.9 } }", "names 'optimizer.momentun', and there is no such setting. Did you mean 'optimizer.momentum'?")]
    [InlineData("{ \"epochs\": \"3\" }", "epochs is \"3\" ('settings.json'); it must be a whole number.")]
    [InlineData("{ \"epochs\": 3", "'settings.json' is not valid JSON")]
    [InlineData("[]", "'settings.json' must be a JSON object")]
    public void Wrong_settings_files_are_explained(string content, string expected)
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder.At("settings.json"), content);

        var ended = Cli.Run(folder.Path, "train", ".", "--config", "settings.json").With(ExitCode.Usage);

        Assert.Contains(expected, ended.Error);
    }
}
