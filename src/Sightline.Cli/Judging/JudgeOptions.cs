using System.CommandLine;
using Sightline.Cli.CommandLine;
using Sightline.Cli.Runs;
using Sightline.Data;

namespace Sightline.Cli.Judging;

/// <summary>On which pictures a run is judged: the options that the commands below <c>eval</c> share.</summary>
internal sealed class JudgeOptions
{
    private readonly Option<string?> _data = new("--data") { Description = "Another data set with the same classes. Default: the run's own.", HelpName = "FOLDER" };

    private readonly Option<string?> _split = new("--split")
    {
        Description = "test, validation, train or all. Default: test; all where another data set has no test split.",
        HelpName = "NAME",
    };

    public JudgeOptions() => _split.AcceptOnlyFromAmong("test", "validation", "train", "all");

    /// <summary>A <c>--tta</c> option.</summary>
    public static Option<string> Views()
    {
        var views = new Option<string>("--tta")
        {
            Description = "Average over views of each picture: none, flip (2 views), crops (5) or flipAndCrops (10). Takes as many times as long.",
            HelpName = "VIEWS",
            DefaultValueFactory = _ => "none",
        };
        views.AcceptOnlyFromAmong("none", "flip", "crops", "flipAndCrops");
        return views;
    }

    public void AddTo(Command command)
    {
        command.Add(_data);
        command.Add(_split);
    }

    /// <summary>The folder of the data that was named, or null.</summary>
    public string? Location(Invocation invocation) =>
        invocation.Arguments.GetValue(_data) is { } named ? DataLocator.Find(named, new FashionMnistOptions(), invocation) : null;

    /// <summary>The split that was named, or null.</summary>
    public string? Split(Invocation invocation) => invocation.Arguments.GetValue(_split);
}
