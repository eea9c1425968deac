using Sightline.Runs.Report;
using Xunit;

namespace Sightline.Tests.Runs.Report;

/// <summary>WCAG 2.2, success criteria 1.4.3 (text 4.5:1) and 1.4.11 (lines and marks 3:1).</summary>
public sealed class PaletteTests
{
    public static TheoryData<string, string, double> Pairs() => new()
    {
        { "text", "page", 4.5 }, { "text", "card", 4.5 }, { "text", "accent-soft", 4.5 }, { "text", "good-soft", 4.5 },
        { "text", "warn-soft", 4.5 }, { "text", "bad-soft", 4.5 }, { "text", "line", 4.5 }, { "muted", "page", 4.5 }, { "muted", "card", 4.5 },
        { "muted", "accent-soft", 4.5 }, { "muted", "warn-soft", 4.5 }, { "accent", "page", 4.5 }, { "accent", "card", 4.5 },
        { "accent", "accent-soft", 4.5 }, { "accent", "warn-soft", 4.5 }, { "second", "card", 4.5 }, { "third", "card", 4.5 },
        { "card", "good", 4.5 }, { "card", "accent", 4.5 }, { "card", "warn", 4.5 }, { "card", "bad", 4.5 }, { "axis", "card", 3 },
        { "good", "page", 3 }, { "warn", "page", 3 }, { "bad", "page", 3 },
    };

    [Theory]
    [MemberData(nameof(Pairs))]
    public void Colours_contrast_in_light_and_dark(string front, string back, double least)
    {
        var (first, second) = (Palette.Colours.Single(colour => colour.Name == front), Palette.Colours.Single(colour => colour.Name == back));

        Assert.InRange(Palette.Contrast(first.Light, second.Light), least, 21);
        Assert.InRange(Palette.Contrast(first.Dark, second.Dark), least, 21);
    }

    [Fact]
    public void Heat_is_readable_at_every_step()
    {
        foreach (var (_, light, dark) in Palette.Ramps)
        {
            for (var step = 0; step <= Palette.HeatSteps; step++)
            {
                var (lightBack, lightText) = Palette.Heat(Palette.Card(dark: false), light, step);
                var (darkBack, darkText) = Palette.Heat(Palette.Card(dark: true), dark, step);
                Assert.InRange(Palette.Contrast(lightBack, lightText), 4.5, 21);
                Assert.InRange(Palette.Contrast(darkBack, darkText), 4.5, 21);
            }
        }
    }

    [Fact]
    public void Contrast_equals_the_published_examples()
    {
        // W3C: black on white is 21:1; WebAIM's contrast checker gives 4.48 for #777777 on white.
        Assert.Equal(21, Palette.Contrast("#000000", "#ffffff"), 1e-9);
        Assert.Equal(4.48, Palette.Contrast("#777777", "#ffffff"), 0.005);
    }
}
