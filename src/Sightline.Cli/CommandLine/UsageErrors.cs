using System.CommandLine;

namespace Sightline.Cli.CommandLine;

/// <summary>Says what is wrong with the arguments and what was probably meant.</summary>
internal static class UsageErrors
{
    public static ExitCode Write(ParseResult arguments, TextWriter target)
    {
        var command = arguments.CommandResult.Command;
        var path = PathOf(command);
        var lines = arguments.UnmatchedTokens.Count > 0
            ? arguments.UnmatchedTokens.Take(1).Select(token => Unknown(token, command, path))
            : arguments.Errors.Select(error => error.Message).Distinct();
        foreach (var line in lines)
        {
            target.WriteLine(line);
        }

        target.WriteLine($"Run '{path} --help' to see what it takes.");
        return ExitCode.Usage;
    }

    private static string Unknown(string token, Command command, string path)
    {
        if (token.StartsWith('-'))
        {
            var options = Lineage(command).SelectMany((level, depth) => level.Options.Where(option => depth == 0 || option.Recursive))
                .SelectMany(option => option.Aliases.Prepend(option.Name));
            return $"'{token}' is not an option of '{path}'.{NearestNames.Suggest(token, options)}";
        }

        return command.Subcommands.Count > 0 && command.Arguments.Count == 0
            ? $"'{token}' is not a command of '{path}'.{NearestNames.Suggest(token, command.Subcommands.Select(sub => sub.Name))}"
            : $"'{token}' is one argument too many for '{path}'.{NearestNames.Suggest(token, command.Subcommands.Select(sub => sub.Name))}";
    }

    private static string PathOf(Command command) => string.Join(' ', Lineage(command).Reverse().Select(level => level is RootCommand ? "sightline" : level.Name));

    private static IEnumerable<Command> Lineage(Command command)
    {
        for (var level = command; level is not null; level = level.Parents.OfType<Command>().FirstOrDefault())
        {
            yield return level;
        }
    }
}
