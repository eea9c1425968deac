using System.CommandLine;

namespace Sightline.Cli.Progress;

/// <summary>How progress is shown.</summary>
internal enum ProgressMode
{
    /// <summary>A live block where a person watches, else lines.</summary>
    Auto,

    /// <summary>The live block, also where standard error is no terminal.</summary>
    Always,

    /// <summary>No progress at all.</summary>
    Never,
}

/// <summary>The <c>--progress</c> option.</summary>
internal static class ProgressOption
{
    public static Option<string> Create()
    {
        var option = new Option<string>("--progress")
        {
            Description = "auto: a live block on a terminal, else a line per epoch; always: the block; never: nothing.",
            HelpName = "MODE",
            DefaultValueFactory = _ => "auto",
        };
        return option.AcceptOnlyFromAmong("auto", "always", "never");
    }

    public static ProgressMode Progress(this ParseResult arguments, Option<string> option) =>
        Enum.Parse<ProgressMode>(arguments.GetRequiredValue(option), ignoreCase: true);
}
