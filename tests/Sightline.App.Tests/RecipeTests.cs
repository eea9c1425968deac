using System.CommandLine;
using System.Globalization;
using System.Text.RegularExpressions;
using Sightline.Cli.Commands;
using Sightline.Cli.Settings;
using Sightline.Studio.Tips;
using Xunit;

namespace Sightline.App.Tests;

public sealed partial class RecipeTests
{
    private const string Tool = "sightline ";
    private const string Python = "/usr/bin/python3 ";

    public static TheoryData<string> Names => [.. Recipe.Names];

    public static TheoryData<string> ShortNames => [.. Recipe.Names.Where(name => RecipeCard.Parse(name, Recipe.Read(name)).IsShort)];

    [Theory]
    [MemberData(nameof(Names))]
    public void Each_recipe_parses_and_says_what_was_measured(string name)
    {
        var settings = new TrainSettings();
        settings.AddJson(Recipe.Read(name), name);

        var card = RecipeCard.Parse(name, Recipe.Read(name));

        Assert.Empty(settings.Build().Check());
        Assert.NotEmpty(card.About);
        Assert.All([card.Hardware, card.Duration, card.Expected, card.Measured, card.Repeat], line => Assert.False(string.IsNullOrWhiteSpace(line)));
        Assert.Matches("20[0-9]{2}-[0-9]{2}-[0-9]{2}", card.Measured!); // Not null, as above.
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Each_recipes_command_is_valid_and_its_files_are_there(string name)
    {
        var root = new RootCommand();
        root.Add(TrainCommand.Create());

        foreach (var command in RecipeCard.Parse(name, Recipe.Read(name)).Repeat!.Split(" && ")) // Each has one, as above.
        {
            if (command.StartsWith(Tool, StringComparison.Ordinal))
            {
                var parsed = root.Parse(command[Tool.Length..]);
                Assert.Empty(parsed.Errors);
                Assert.Equal($"recipes/{name}.json", parsed.GetValue<string?>("--config"));
            }
            else
            {
                Assert.StartsWith(Python, command, StringComparison.Ordinal);
                Assert.True(File.Exists(Repository.File(command[Python.Length..].Split(' ')[0])), command);
            }
        }
    }

    // As its command says, with the data made beside it.
    [Theory]
    [MemberData(nameof(ShortNames))]
    public void A_short_recipe_still_reaches_its_figure(string name)
    {
        using var folder = new TemporaryFolder();
        var card = RecipeCard.Parse(name, Recipe.Read(name));
        Ended? last = null;

        foreach (var command in card.Repeat!.Split(" && ")) // Each has one.
        {
            var words = command.Split(' ');
            Assert.SkipWhen(words[0].Contains("python3", StringComparison.Ordinal) && !File.Exists(words[0]), $"{words[0]} is not installed.");
            last = words[0] == Tool.Trim()
                ? Cli.Run(folder.Path, [.. words.Skip(1).Select(word => word.StartsWith("recipes/", StringComparison.Ordinal) ? Repository.File(word) : word), "--set", "threads=1", "--json"])
                : Cli.Execute(Cli.Start(folder.Path, words[0], [.. words.Skip(1).Select(word => word.StartsWith("bench/", StringComparison.Ordinal) ? Repository.File(word) : word)]));
            Assert.SkipWhen(last.Error.Contains("apt-get install", StringComparison.Ordinal), last.Error);
            last.With(ExitCode.Done);
        }

        var reached = last!.Json.GetProperty("testAccuracy").GetDouble(); // The last command trains.
        Assert.True(reached >= double.Parse(Percentage().Match(card.Expected!).Groups[1].Value, CultureInfo.InvariantCulture) / 100, $"{name} reached {reached:P2}; {card.Expected} is expected.");
    }

    [GeneratedRegex("([0-9.]+) %")]
    private static partial Regex Percentage();
}
