namespace Sightline.Cli.Output;

/// <summary>Comma-separated values (RFC 4180).</summary>
internal static class Csv
{
    /// <summary>One line; cells are quoted where they must be.</summary>
    public static void Write(TextWriter target, params IEnumerable<string> cells) => target.WriteLine(string.Join(',', cells.Select(Quote)));

    private static string Quote(string cell) => cell.AsSpan().IndexOfAny(",\"\r\n") < 0 ? cell : $"\"{cell.Replace("\"", "\"\"")}\"";
}
