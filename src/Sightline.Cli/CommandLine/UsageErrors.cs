using System.CommandLine;
using System.CommandLine.Parsing;
using System.Text.RegularExpressions;

namespace Sightline.Cli.CommandLine;

/// <summary>Says what is wrong with the arguments and what was probably meant.</summary>
internal static partial class UsageErrors
{
    public static ExitCode Write(ParseResult arguments, TextWriter target)
    {
        var command = arguments.CommandResult.Command;
        var path = PathOf(command);
        var unknown = UnknownToken(arguments);
        var lines = unknown is not null ? [Unknown(unknown, command, path)]
            : command.Subcommands.Count > 0 && command.Action is null ? [$"'{path}' needs a command: {string.Join(", ", command.Subcommands.Select(sub => sub.Name))}."]
            : arguments.Errors.Select(error => Plain(error.Message)).Distinct();
        foreach (var line in lines)
        {
            target.WriteLine(line);
        }

        target.WriteLine($"Run '{path} --help' to see what it takes.");
        return ExitCode.Usage;
    }

    /// <summary>An option that does not exist: System.CommandLine takes it as an argument where one is free.</summary>
    public static bool HasUnknownOption(ParseResult arguments) => !arguments.Tokens.Any(token => token.Type == TokenType.DoubleDash)
        && arguments.CommandResult.Children.OfType<ArgumentResult>().SelectMany(result => result.Tokens).Any(token => IsOption(token.Value));

    private static string? UnknownToken(ParseResult arguments) => arguments.CommandResult.Children.OfType<ArgumentResult>()
        .SelectMany(result => result.Tokens)
        .Select(token => token.Value)
        .Where(IsOption)
        .Concat(arguments.UnmatchedTokens)
        .FirstOrDefault();

    private static bool IsOption(string token) => token.Length > 1 && token[0] == '-';

    // "Cannot parse argument 'x' for option '--size' as expected type 'System.Nullable`1[System.Int32]'."
    private static string Plain(string message) => Conversion().Match(message) is { Success: true } match
        ? $"{match.Groups["option"]} is '{match.Groups["value"]}'; it must be a {(match.Groups["type"].Value.Contains("Int", StringComparison.Ordinal) ? "whole " : "")}number."
        : message;

    [GeneratedRegex(@"^Cannot parse argument '(?<value>.*)' for option '(?<option>.*)' as expected type '(?<type>.*)'\.")]
    private static partial Regex Conversion();

    private static string Unknown(string token, Command command, string path)
    {
        if (IsOption(token))
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
