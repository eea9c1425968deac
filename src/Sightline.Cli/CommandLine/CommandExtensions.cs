using System.CommandLine;

namespace Sightline.Cli.CommandLine;

/// <summary>Ties commands to what they do.</summary>
internal static class CommandExtensions
{
    /// <summary>The command's work; a trouble is an exception, so the exit code is 0 when it returns.</summary>
    public static Command Does(this Command command, Action<Invocation> work) => command.Does(invocation =>
    {
        work(invocation);
        return ExitCode.Done;
    });

    /// <summary>The command's work with an exit code of its own.</summary>
    public static Command Does(this Command command, Func<Invocation, ExitCode> work)
    {
        command.SetAction(arguments => (int)CommandFrame.Invoke(arguments, work));
        return command;
    }

    /// <summary>A group of commands.</summary>
    public static Command Group(string name, string description, params IEnumerable<Command> commands)
    {
        var group = new Command(name, description);
        foreach (var command in commands)
        {
            group.Add(command);
        }

        return group;
    }
}
