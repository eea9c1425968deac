namespace Sightline.Cli.Output;

/// <summary>Aligned columns, for people; the same with and without a terminal.</summary>
internal sealed class TextTable(params string[] headings)
{
    private readonly List<string[]> _rows = [headings];

    /// <summary>Columns whose cells are right-aligned (numbers).</summary>
    public IReadOnlyList<int> RightAligned { get; init; } = [];

    public void Add(params string[] cells) => _rows.Add(cells);

    public void Write(TextWriter target)
    {
        var widths = Enumerable.Range(0, headings.Length).Select(column => _rows.Max(row => row[column].Length)).ToArray();
        foreach (var row in _rows)
        {
            var cells = row.Select((cell, column) => RightAligned.Contains(column) ? cell.PadLeft(widths[column]) : cell.PadRight(widths[column]));
            target.WriteLine(string.Join("  ", cells).TrimEnd());
        }
    }
}
