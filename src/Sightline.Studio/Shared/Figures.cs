using System.Globalization;
using Sightline.Runs.Report;
using Sightline.Runs;

namespace Sightline.Studio.Shared;

/// <summary>Small parts that several pages show alike.</summary>
internal static class Figures
{
    /// <summary>A state as an icon and a word, never by colour alone.</summary>
    public static void State(Html html, RunState state)
    {
        var (word, style, icon) = state switch
        {
            RunState.Running => ("running", "info", "M6 4l13 8-13 8z"),
            RunState.Finished => ("finished", "good", "M4 12l6 6L20 6"),
            RunState.Paused => ("paused", "info", "M8 5v14M16 5v14"),
            RunState.Stopped => ("stopped", "warn", "M6 6h12v12H6z"),
            RunState.Failed => ("failed", "bad", "M6 6l12 12M18 6L6 18"),
            RunState.Stalled => ("stalled", "bad", "M12 5v9M12 18v1"),
            _ => ("unknown", "warn", "M9 9a3 3 0 1 1 3 4v2M12 18v1"),
        };
        html.Add($"<span class=\"state {style}\"><svg viewBox=\"0 0 24 24\" width=\"14\" height=\"14\" aria-hidden=\"true\"><path d=\"{icon}\"/></svg><span>{word}</span></span>");
    }

    /// <summary>An instant; the script turns it into "2 min ago" and keeps it right.</summary>
    public static void Ago(Html html, DateTimeOffset at) =>
        html.Add($"<time datetime=\"{Stamp(at)}\" data-ago title=\"{Stamp(at)}\">{Text(at, "yyyy-MM-dd HH:mm")} UTC</time>");

    /// <summary>An instant, also one to come.</summary>
    public static void When(Html html, DateTimeOffset at) => html.Add($"<time datetime=\"{Stamp(at)}\">{Text(at, "yyyy-MM-dd HH:mm")} UTC</time>");

    /// <summary>An instant for programs.</summary>
    public static string Stamp(DateTimeOffset at) => Text(at, "yyyy-MM-dd'T'HH:mm:ss'Z'");

    /// <summary>The time of day, UTC.</summary>
    public static string Clock(DateTimeOffset at) => Text(at, "HH:mm:ss");

    private static string Text(DateTimeOffset at, string format) => at.UtcDateTime.ToString(format, CultureInfo.InvariantCulture);

    /// <summary>How much is done, as a bar with its number beside it.</summary>
    public static void Progress(Html html, double share, string name) =>
        html.Add($"<progress max=\"100\" value=\"{100 * share}\" aria-label=\"{name}\"></progress> <span class=\"tabular\">{Words.Percent(share, 0)}</span>");

    /// <summary>A share of one as the length of a bar.</summary>
    public static void Bar(Html html, double share, string style = "") =>
        html.Add($"<svg class=\"bar-of {style}\" viewBox=\"0 0 100 6\" preserveAspectRatio=\"none\" aria-hidden=\"true\"><rect class=\"track\" width=\"100\" height=\"6\" rx=\"3\"/><rect class=\"fill\" width=\"{100 * Math.Clamp(share, 0, 1)}\" height=\"6\" rx=\"3\"/></svg>");

    /// <summary>Figures side by side.</summary>
    public static void Facts(Html html, params IEnumerable<(string Name, string Value)> facts)
    {
        html.Markup("<dl class=\"facts\">");
        foreach (var (name, value) in facts)
        {
            html.Add($"<div><dt>{name}</dt><dd>{value}</dd></div>");
        }

        html.Markup("</dl>");
    }

    /// <summary>As a part of an address.</summary>
    public static string Url(string part) => Uri.EscapeDataString(part);

    /// <summary>As an argument in a terminal: quoted where it needs to be.</summary>
    public static string Argument(string value) =>
        value.Length > 0 && value.All(letter => char.IsAsciiLetterOrDigit(letter) || letter is '-' or '_' or '.' or '/' or '@' or ':' or '\\' or ',' or '+') ? value : $"'{value.Replace("'", "'\\''", StringComparison.Ordinal)}'";
}
