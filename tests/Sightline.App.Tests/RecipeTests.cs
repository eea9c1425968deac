using Sightline.Cli.Settings;
using Sightline.Studio.Tips;
using Xunit;

namespace Sightline.App.Tests;

public sealed class RecipeTests
{
    public static TheoryData<string> Names => [.. Recipe.Names];

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
}
