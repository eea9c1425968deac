using System.Globalization;
using System.Text;

namespace Sightline.Runs.Report;

/// <summary>The page's colours for light and dark; the tests hold each pair to WCAG 2.2 AA (text 4.5:1, lines 3:1).</summary>
internal static class Palette
{
    /// <summary>Steps of a heat ramp beyond the plain background.</summary>
    public const int HeatSteps = 10;

    /// <summary>Name of the CSS variable, light and dark value.</summary>
    public static readonly IReadOnlyList<(string Name, string Light, string Dark)> Colours =
    [
        ("page", "#f4f6f9", "#0d1117"),
        ("card", "#ffffff", "#161c25"),
        ("text", "#151a22", "#e9edf4"),
        ("muted", "#505a68", "#a7b2c2"),
        ("line", "#dde2e9", "#2b3543"),
        ("axis", "#76818f", "#728096"),
        ("accent", "#1a5cc0", "#7fb3ff"),
        ("second", "#b0440c", "#ffa968"),
        ("third", "#6a3fb5", "#c3a6ff"),
        ("good", "#14653a", "#6bd497"),
        ("warn", "#7d4e00", "#f2c46a"),
        ("bad", "#b0241c", "#ff938b"),
        ("accent-soft", "#e8f0fd", "#14243d"),
        ("good-soft", "#e6f4ec", "#12281c"),
        ("warn-soft", "#fdf2dc", "#2c2310"),
        ("bad-soft", "#fdebea", "#331819"),
    ];

    /// <summary>The far ends of the ramps for right (h) and wrong (m) predictions.</summary>
    public static readonly IReadOnlyList<(char Name, string Light, string Dark)> Ramps =
    [
        ('h', "#0f4397", "#94bfff"),
        ('m', "#a33a04", "#ffb680"),
    ];

    /// <summary>Variables and heat classes as CSS for both schemes.</summary>
    public static string Css()
    {
        var css = new StringBuilder(":root{color-scheme:light dark;");
        AppendVariables(css, dark: false);
        css.Append('}');
        AppendRamps(css, dark: false);
        css.Append("@media (prefers-color-scheme:dark){:root{");
        AppendVariables(css, dark: true);
        css.Append('}');
        AppendRamps(css, dark: true);
        return css.Append('}').ToString();
    }

    /// <summary>Background of a ramp's step, and black or white, whichever reads better on it (at least 4.58:1 on any colour).</summary>
    public static (string Background, string Text) Heat(string from, string to, int step)
    {
        var (a, b) = (Parse(from), Parse(to));
        var share = (double)step / HeatSteps;
        var background = string.Concat("#", string.Concat(a.Zip(b, (x, y) =>
            ((int)Math.Round(x + (y - x) * share)).ToString("x2", CultureInfo.InvariantCulture))));
        return (background, Contrast(background, "#000000") >= Contrast(background, "#ffffff") ? "#000000" : "#ffffff");
    }

    /// <summary>Contrast ratio of two colours, 1 to 21 (WCAG 2.2, definition "contrast ratio").</summary>
    public static double Contrast(string first, string second)
    {
        var (a, b) = (Luminance(first), Luminance(second));
        return (Math.Max(a, b) + 0.05) / (Math.Min(a, b) + 0.05);
    }

    /// <summary>The background that heat ramps start from.</summary>
    public static string Card(bool dark)
    {
        var card = Colours.Single(colour => colour.Name == "card");
        return dark ? card.Dark : card.Light;
    }

    public static byte[] Parse(string colour) => Convert.FromHexString(colour.AsSpan(1));

    private static double Luminance(string colour)
    {
        static double Linear(byte value)
        {
            var share = value / 255.0;
            return share <= 0.04045 ? share / 12.92 : Math.Pow((share + 0.055) / 1.055, 2.4);
        }

        var rgb = Parse(colour);
        return 0.2126 * Linear(rgb[0]) + 0.7152 * Linear(rgb[1]) + 0.0722 * Linear(rgb[2]);
    }

    private static void AppendVariables(StringBuilder css, bool dark)
    {
        foreach (var (name, light, darkValue) in Colours)
        {
            css.Append(CultureInfo.InvariantCulture, $"--{name}:{(dark ? darkValue : light)};");
        }
    }

    private static void AppendRamps(StringBuilder css, bool dark)
    {
        foreach (var (name, light, darkValue) in Ramps)
        {
            for (var step = 1; step <= HeatSteps; step++)
            {
                var (background, text) = Heat(Card(dark), dark ? darkValue : light, step);
                css.Append(CultureInfo.InvariantCulture, $".{name}{step}{{background:{background};color:{text}}}");
            }
        }
    }
}
