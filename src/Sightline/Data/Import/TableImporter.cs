using System.Globalization;
using Sightline.Data.Store;

namespace Sightline.Data.Import;

/// <summary>A CSV or TSV file whose first line names its columns: path and label, and where wanted split, group and time.</summary>
internal sealed class TableImporter : IImporter
{
    private static readonly string[] PathNames = ["path", "file", "filename", "file_name", "image", "image_path", "filepath"];
    private static readonly string[] LabelNames = ["label", "class", "category", "class_name"];
    private static readonly string[] SplitNames = ["split", "set", "subset"];
    private static readonly string[] GroupNames = ["group", "group_id", "source"];
    private static readonly string[] TimeNames = ["time", "timestamp", "date", "taken_at"];
    private static readonly string[] FolderFiles = ["labels.csv", "labels.tsv", "metadata.csv"];

    public string Name => "csv";

    public string Expects => "a .csv or .tsv file (or a folder with labels.csv or metadata.csv) with the columns path and label, and if wanted split, group, time; other names with --path-column and so on";

    public bool Recognises(string path) => TableOf(path) is not null;

    public ImportDraft Read(ImportContext context)
    {
        var table = TableOf(context.Path)!; // Recognises was true.
        var classes = ClassList.Read(context.Options.ClassesFile, "");
        var folder = context.Options.ImagesFolder ?? Path.GetDirectoryName(Path.GetFullPath(table))!; // A file lies in a folder.
        using var reader = new StreamReader(table);
        using var records = DelimitedText.Read(reader, table.EndsWith(".tsv", StringComparison.OrdinalIgnoreCase) ? '\t' : ',').GetEnumerator();
        if (!records.MoveNext())
        {
            throw new DataException($"'{table}' is empty. The first line must name the columns, for example path,label.");
        }

        var header = records.Current.Fields.Select(field => field.Trim()).ToArray();
        var wanted = context.Options.Columns;
        var (path, label) = (Column(table, header, wanted.Path, PathNames, true), Column(table, header, wanted.Label, LabelNames, true));
        var (split, group, time) = (Column(table, header, wanted.Split, SplitNames, false), Column(table, header, wanted.Group, GroupNames, false),
            Column(table, header, wanted.Time, TimeNames, false));
        var files = new ListedFiles(context, folder);
        while (records.MoveNext())
        {
            var (line, fields) = records.Current;
            if (fields.Length != header.Length)
            {
                throw new DataException($"Line {line} of '{table}' has {fields.Length} fields, its first line {header.Length}. Quote fields that hold the separator.");
            }

            var where = $"Line {line} of '{table}'";
            if (fields[path].Length == 0 || fields[label].Trim().Length == 0)
            {
                throw new DataException($"{where} has no {(fields[path].Length == 0 ? header[path] : header[label])}. Every picture needs a path and a label; remove the line or complete it.");
            }

            files.Add(fields[path].Trim(), line, name => new ImportedImage(
                name, ClassList.Resolve(classes, fields[label].Trim(), where), split < 0 ? null : Split(fields[split].Trim(), where))
            {
                Group = group < 0 || fields[group].Length == 0 ? null : fields[group].Trim(),
                Time = time < 0 || fields[time].Length == 0 ? null : Time(fields[time].Trim(), where),
            });
        }

        return new ImportDraft(files.Finish(), classes);
    }

    private static string? TableOf(string path) => File.Exists(path)
        ? (Path.GetExtension(path).ToLowerInvariant() is ".csv" or ".tsv" ? path : null)
        : FolderFiles.Select(name => Path.Combine(path, name)).FirstOrDefault(File.Exists);

    private static int Column(string table, string[] header, string? wanted, string[] usual, bool isRequired)
    {
        foreach (var name in wanted is null ? usual : [wanted])
        {
            var at = Array.FindIndex(header, seen => seen.Equals(name, StringComparison.OrdinalIgnoreCase));
            if (at >= 0)
            {
                return at;
            }
        }

        if (wanted is null && !isRequired)
        {
            return -1;
        }

        var option = $"--{(usual == PathNames ? "path" : usual == LabelNames ? "label" : usual == SplitNames ? "split" : usual == GroupNames ? "group" : "time")}-column";
        throw new DataException(
            $"'{table}' has the columns {string.Join(", ", header.Select(name => $"'{name}'"))}; " +
            $"{(wanted is null ? $"one of {string.Join(", ", usual)} is needed" : $"'{wanted}' is not among them")}. Name the column with {option}.");
    }

    private static string? Split(string word, string where) => word.Length == 0 ? null : SplitName.Parse(word) ?? throw new DataException(
        $"{where} has the split '{word}'; train, validation (val, valid, dev) and test are known. Correct it, or leave it empty.");

    private static DateTimeOffset Time(string text, string where) =>
        DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var time)
            ? time
            : throw new DataException($"{where} has the time '{text}'; ISO 8601 is expected, for example 2026-03-31 or 2026-03-31T09:15:00Z.");
}
