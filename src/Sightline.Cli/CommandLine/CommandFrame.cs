using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;

namespace Sightline.Cli.CommandLine;

/// <summary>Parses the arguments, runs the command, turns troubles into exit codes.</summary>
internal static class CommandFrame
{
    private const int HelpWidth = 110;

    public static int Run(IReadOnlyList<string> arguments, params IEnumerable<Command> commands)
    {
        var root = new RootCommand("From a folder of images to an evaluated classifier.") { HelpName = "sightline" };
        root.Options.OfType<HelpOption>().Single().Action = new HelpAction { MaxWidth = HelpWidth };
        root.Add(CommonOptions.Json);
        foreach (var command in commands)
        {
            root.Add(command);
        }

        var parsed = root.Parse(arguments.Count == 0 ? ["--help"] : arguments);
        if (parsed.Action is ParseErrorAction || (UsageErrors.HasUnknownOption(parsed) && parsed.Action is not HelpAction))
        {
            return (int)UsageErrors.Write(parsed, Console.Error);
        }

        return parsed.Invoke(new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null });
    }

    /// <summary>Runs one command's work; called by its action.</summary>
    public static ExitCode Invoke(ParseResult arguments, Func<Invocation, ExitCode> work)
    {
        using var terminal = new Terminal();
        using var interrupts = new Interrupts();
        try
        {
            return work(new Invocation(arguments, terminal, interrupts));
        }
#pragma warning disable CA1031 // The one place where every exception becomes a message and an exit code.
        catch (Exception error)
#pragma warning restore CA1031
        {
            return ErrorReport.Write(error, terminal.Error);
        }
    }
}
