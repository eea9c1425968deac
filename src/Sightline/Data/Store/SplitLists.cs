namespace Sightline.Data.Store;

/// <summary>Reads lists of picture names, one file a split.</summary>
internal static class SplitLists
{
    private const int Named = 3;

    /// <summary>The split of each name.</summary>
    /// <exception cref="DataException">A line names no picture, a picture is in two lists, or in none where all three are given.</exception>
    public static string[] Read(IReadOnlyList<string> names, DatasetSplitOptions options)
    {
        var splits = new string?[names.Count];
        var positions = names.Index().ToDictionary(pair => pair.Item, pair => pair.Index, StringComparer.Ordinal);
        foreach (var (split, file) in new[] { (SplitName.Train, options.TrainList), (SplitName.Validation, options.ValidationList), (SplitName.Test, options.TestList) })
        {
            if (file is not null)
            {
                ReadOne(file, split, names, positions, splits);
            }
        }

        var rest = names.Where((_, index) => splits[index] is null).ToArray();
        if (options.TrainList is not null && rest.Length > 0)
        {
            throw new DataException(
                $"{rest.Length} pictures are in no list: {Some(rest)}. Add them to a list, or leave out --train-list, which then takes the rest.");
        }

        return [.. splits.Select(split => split ?? SplitName.Train)];
    }

    private static void ReadOne(string file, string split, IReadOnlyList<string> names, Dictionary<string, int> positions, string?[] splits)
    {
        if (!File.Exists(file))
        {
            throw new NotFoundException($"The list '{file}' is not there. Check the path; it must be a text file with one picture name a line.");
        }

        var unknown = new List<string>();
        foreach (var (index, line) in File.ReadLines(file).Select(line => line.Trim()).Index())
        {
            if (line.Length == 0 || line.StartsWith('#'))
            {
                continue;
            }

            int[] found = line.EndsWith('/') ? [.. names.Index().Where(pair => pair.Item.StartsWith(line, StringComparison.Ordinal)).Select(pair => pair.Index)]
                : positions.TryGetValue(line, out var position) ? [position] : [];
            if (found.Length == 0)
            {
                unknown.Add($"'{line}' (line {index + 1})");
            }

            foreach (var at in found)
            {
                if (splits[at] is { } other && other != split)
                {
                    throw new DataException($"'{names[at]}' is in the lists of {other} and {split}. Keep it in one.");
                }

                splits[at] = split;
            }
        }

        if (unknown.Count > 0)
        {
            throw new DataException($"'{file}' has {unknown.Count} lines that name no picture in use: {Some(unknown)}. Use the names of 'sightline data export NAME --list FILE'.");
        }
    }

    private static string Some(IReadOnlyList<string> all) => string.Join(", ", all.Take(Named)) + (all.Count > Named ? ", ..." : "");
}
