namespace Sightline.Data.Import;

/// <summary>Rules for pictures that a list names: no path twice, each file there.</summary>
internal sealed class ListedFiles(ImportContext context, string folder)
{
    private const int Named = 3;

    private readonly Dictionary<string, int> _lines = new(StringComparer.Ordinal);
    private readonly List<string> _missing = [];
    private readonly List<string> _twice = [];
    private readonly List<ImportedImage> _images = [];

    private string Source => context.Path;

    /// <summary>Takes a line of the list.</summary>
    public void Add(string path, int line, Func<string, ImportedImage> make)
    {
        var name = path.Replace('\\', '/');
        name = name.StartsWith("./", StringComparison.Ordinal) ? name[2..] : name;
        if (!_lines.TryAdd(name, line))
        {
            _twice.Add($"'{path}' (lines {_lines[name]} and {line})");
            return;
        }

        var file = Path.Combine(folder, path);
        if (!File.Exists(file))
        {
            _missing.Add($"'{path}' (line {line})");
            if (context.Options.SkipMissing)
            {
                context.Notices.Add(new DataNotice("missing-file", name, $"Line {line} of the list names it, but '{file}' is not there."));
            }

            return;
        }

        _images.Add(make(name) with { File = Path.GetFullPath(file) });
        context.Report("read", _images.Count, null);
    }

    /// <exception cref="DataException">A path is there twice, a file is missing, or nothing is left.</exception>
    public IReadOnlyList<ImportedImage> Finish()
    {
        if (_twice.Count > 0)
        {
            throw new DataException($"'{Source}' names {_twice.Count} paths twice: {Some(_twice)}. Keep one line for each picture.");
        }

        if (_missing.Count > 0 && !context.Options.SkipMissing)
        {
            throw new DataException(
                $"'{Source}' names {_missing.Count} files (of {_lines.Count}) that are not below '{folder}': {Some(_missing)}. " +
                "Put the files there, name their folder with --images FOLDER, or leave them out with --skip-missing.");
        }

        return _images.Count > 0 ? _images : throw new DataException($"'{Source}' names no picture that is there. Check the list and --images FOLDER.");
    }

    private static string Some(List<string> all) => string.Join(", ", all.Take(Named)) + (all.Count > Named ? ", ..." : "");
}
