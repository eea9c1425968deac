using System.Globalization;

namespace Sightline.Runs.Report;

/// <summary>Figures as a person reads them, the same in every country. Units are joined by a no-break space.</summary>
internal static class Words
{
    public static string Percent(double? share, int digits = 1)
    {
        var text = Number(100 * share, digits);
        return share is { } value && double.IsFinite(value) ? $"{text}\u00a0%" : text;
    }

    public static string Number(double? value, int digits) => value switch
    {
        null => "–",
        { } number when !double.IsFinite(number) => "not finite",
        { } number => number.ToString("N" + digits.ToString(CultureInfo.InvariantCulture), CultureInfo.InvariantCulture),
    };

    public static string Count(long count) => count.ToString("N0", CultureInfo.InvariantCulture);

    /// <summary>Three significant digits, for values whose size is not known, such as learning rates.</summary>
    public static string Short(double? value) => value switch
    {
        null => "–",
        { } number when !double.IsFinite(number) => "not finite",
        0 => "0",
        { } number when Math.Abs(number) is >= 100 and < 1e6 => number.ToString("N0", CultureInfo.InvariantCulture),
        { } number when Math.Abs(number) is >= 1e-4 and < 100 => number.ToString(
            "0." + new string('#', 2 - (int)Math.Floor(Math.Log10(Math.Abs(number)))), CultureInfo.InvariantCulture),
        { } number => number.ToString("0.##e0", CultureInfo.InvariantCulture),
    };

    public static string Duration(double seconds)
    {
        if (!double.IsFinite(seconds) || seconds is < 0 or > 1e9)
        {
            return "–";
        }

        var time = TimeSpan.FromSeconds(Math.Round(seconds));
        return time switch
        {
            { TotalHours: >= 1 } => $"{(int)time.TotalHours}\u00a0h {time.Minutes}\u00a0min",
            { TotalMinutes: >= 1 } => $"{time.Minutes}\u00a0min {time.Seconds}\u00a0s",
            _ => string.Create(CultureInfo.InvariantCulture, $"{(seconds < 10 ? Math.Round(seconds, 1) : Math.Round(seconds))}\u00a0s"),
        };
    }

    public static string Plural(long count, string one, string many) => $"{Count(count)} {(count == 1 ? one : many)}";

    /// <summary>Cuts a long name in the middle, where file names differ least.</summary>
    public static string Cut(string name, int length) =>
        name.Length <= length ? name : $"{name[..(length / 2)]}…{name[^(length - length / 2 - 1)..]}";
}
