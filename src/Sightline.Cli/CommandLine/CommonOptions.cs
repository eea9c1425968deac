using System.CommandLine;

namespace Sightline.Cli.CommandLine;

/// <summary>Options that several commands share, so that they mean the same everywhere.</summary>
internal static class CommonOptions
{
    /// <summary>The result as one JSON document. On every command.</summary>
    public static Option<bool> Json { get; } = new("--json") { Description = "Print the result as one JSON document.", Recursive = true };

    /// <summary>Where runs lie.</summary>
    /// <summary>Where runs are unless another folder is named.</summary>
    public const string DefaultRuns = "runs";

    public static Option<string> Runs() => new("--runs")
    {
        Description = "Folder of the runs.",
        HelpName = "FOLDER",
        DefaultValueFactory = _ => DefaultRuns,
    };
}
