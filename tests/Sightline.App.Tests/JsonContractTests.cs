using Xunit;

namespace Sightline.App.Tests;

public sealed class JsonContractTests
{
    [Fact]
    public void Model_list_has_the_approved_names()
    {
        var ended = Cli.Run(Path.GetTempPath(), "model", "list", "--json").With(ExitCode.Done);

        // Top-1 is null for the variants without a published figure.
        Approved.Match("json.model-list", JsonNames.Of(ended.Json));
    }

    [Fact]
    public void Model_show_has_the_approved_names()
    {
        var ended = Cli.Run(Path.GetTempPath(), "model", "show", "resnet18", "--json").With(ExitCode.Done);

        Approved.Match("json.model-show", JsonNames.Of(ended.Json));
    }

    [Fact]
    public void Model_show_gives_torchvisions_figures_by_default()
    {
        var json = Cli.Run(Path.GetTempPath(), "model", "show", "resnet50", "--json").With(ExitCode.Done).Json;

        // torchvision 0.14.1: sum of p.numel(), len(state_dict()), ResNet50_Weights.IMAGENET1K_V1's acc@1.
        Assert.Equal(25_557_032, json.GetProperty("parameters").GetInt64());
        Assert.Equal(320, json.GetProperty("stateKeys").GetInt32());
        Assert.Equal(76.13, json.GetProperty("top1").GetDouble());
    }

    [Fact]
    public void Run_list_of_an_empty_folder_is_an_empty_array()
    {
        using var folder = new TemporaryFolder();

        var ended = Cli.Run(folder.Path, "run", "list", "--json").With(ExitCode.Done);

        Assert.Equal("[]", ended.Out.Trim());
    }

    [Fact]
    public void Doctor_has_the_approved_names()
    {
        using var folder = new TemporaryFolder();

        var ended = Cli.Run(folder.Path, "doctor", "--json");

        // Whether there is something to do depends on the machine, so "next" may be text or null.
        Approved.Match("json.doctor", JsonNames.Of(ended.Json).Replace("next: string", "next: null").Replace("next: null\nchecks[].next: null", "next: null"));
        Assert.True(ended.Json.GetProperty("healthy").GetBoolean(), ended.Out);
    }
}
