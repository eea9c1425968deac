namespace Sightline.Cli.Output;

/// <summary>Numbers as people read them.</summary>
internal static class Readable
{
    /// <summary>11,689,512 as <c>11.7 M</c>.</summary>
    public static string Count(double value) => value switch
    {
        >= 1e9 => $"{value / 1e9:0.00} G",
        >= 1e6 => $"{value / 1e6:0.0} M",
        >= 1e3 => $"{value / 1e3:0.0} k",
        _ => $"{value:0}",
    };

    /// <summary>Bytes in units of 1024: <c>1.5 GiB</c>.</summary>
    public static string Bytes(double value) => value switch
    {
        >= 1L << 30 => $"{value / (1L << 30):0.0} GiB",
        >= 1L << 20 => $"{value / (1L << 20):0} MiB",
        _ => $"{value / 1024:0} KiB",
    };

    /// <summary>0.925 as <c>92.50 %</c>.</summary>
    public static string Percent(double? share) => share is { } value ? $"{100 * value:0.00} %" : "-";

    /// <summary><c>4:05</c>, <c>1:04:05</c>.</summary>
    public static string Duration(double seconds)
    {
        var time = TimeSpan.FromSeconds(Math.Max(0, Math.Round(seconds)));
        return time.TotalHours >= 1 ? $"{(int)time.TotalHours}:{time:mm\\:ss}" : $"{time:m\\:ss}";
    }
}
