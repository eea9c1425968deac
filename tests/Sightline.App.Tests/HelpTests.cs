using Xunit;

namespace Sightline.App.Tests;

public sealed class HelpTests
{
    [Theory]
    [InlineData("")]
    [InlineData("quickstart")]
    [InlineData("data")]
    [InlineData("data preview")]
    [InlineData("train")]
    [InlineData("train resume")]
    [InlineData("train plan")]
    [InlineData("train find-lr")]
    [InlineData("eval")]
    [InlineData("eval run")]
    [InlineData("eval compare")]
    [InlineData("eval errors")]
    [InlineData("eval thresholds")]
    [InlineData("eval calibrate")]
    [InlineData("eval report")]
    [InlineData("eval kfold")]
    [InlineData("eval learning-curve")]
    [InlineData("model recommend")]
    [InlineData("predict")]
    [InlineData("data check")]
    [InlineData("model")]
    [InlineData("model list")]
    [InlineData("model show")]
    [InlineData("model run")]
    [InlineData("model pull")]
    [InlineData("run")]
    [InlineData("run list")]
    [InlineData("run show")]
    [InlineData("run watch")]
    [InlineData("run logs")]
    [InlineData("run pause")]
    [InlineData("run resume")]
    [InlineData("run stop")]
    [InlineData("run adjust")]
    [InlineData("run export")]
    [InlineData("data import")]
    [InlineData("data list")]
    [InlineData("data show")]
    [InlineData("data diff")]
    [InlineData("data review")]
    [InlineData("data fix")]
    [InlineData("data split")]
    [InlineData("data export")]
    [InlineData("tune")]
    [InlineData("tune start")]
    [InlineData("tune worker")]
    [InlineData("tune status")]
    [InlineData("tune best")]
    [InlineData("tune stop")]
    [InlineData("gpu")]
    [InlineData("gpu list")]
    [InlineData("gpu offers")]
    [InlineData("gpu plan")]
    [InlineData("gpu lease")]
    [InlineData("gpu leases")]
    [InlineData("gpu extend")]
    [InlineData("gpu end")]
    [InlineData("gpu top")]
    [InlineData("doctor")]
    [InlineData("studio")]
    public void Help_is_the_approved_text(string command)
    {
        var arguments = command.Split(' ', StringSplitOptions.RemoveEmptyEntries);

        var ended = Cli.Run(Path.GetTempPath(), [.. arguments, "--help"]).With(ExitCode.Done);

        Approved.Match($"help.{(command.Length == 0 ? "sightline" : command.Replace(' ', '-'))}", ended.Out);
    }

    [Fact]
    public void No_arguments_show_the_help()
    {
        var ended = Cli.Run(Path.GetTempPath()).With(ExitCode.Done);

        Assert.Contains("quickstart", ended.Out);
    }
}
