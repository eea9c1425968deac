using System.Text.Json;
using Parquet;
using Parquet.Schema;
using Sightline.Data.Store;

namespace Sightline.Data.Import;

/// <summary>Parquet files with pictures as Hugging Face's datasets write them: a struct of <c>bytes</c> and <c>path</c>, and a label column.</summary>
/// <remarks>
/// huggingface/datasets:src/datasets/features/image.py, Apache-2.0. Class names come from the file's metadata key <c>huggingface</c>
/// (<c>info.features.label.names</c>), else from the list of classes, else they are the label's values. One row group is in memory at a time.
/// </remarks>
internal sealed class ParquetImporter : IImporter
{
    private static readonly string[] LabelNames = ["label", "labels", "class", "category", "fine_label"];

    public string Name => "parquet";

    public string Expects => "a .parquet file or a folder of them, with a struct column of picture bytes (image: bytes, path) or a binary column, and a column label";

    public bool Recognises(string path) => File.Exists(path)
        ? path.EndsWith(".parquet", StringComparison.OrdinalIgnoreCase)
        : Directory.Exists(path) && Directory.EnumerateFiles(path, "*.parquet", SearchOption.AllDirectories).Any();

    public ImportDraft Read(ImportContext context)
    {
        var files = File.Exists(context.Path)
            ? [context.Path]
            : Directory.EnumerateFiles(context.Path, "*.parquet", SearchOption.AllDirectories).Order(StringComparer.Ordinal).ToArray();
        var reading = new Reading(context, files.Length > 1 ? context.Path : null);
        foreach (var file in files)
        {
            try
            {
                // The library reads asynchronously only; there is nothing else to do meanwhile.
                reading.AddAsync(file).GetAwaiter().GetResult();
            }
            catch (Exception error) when (error is ParquetException or InvalidDataException or EndOfStreamException or NotSupportedException or ArgumentException)
            {
                throw new DataException($"'{file}' is no Parquet file that can be read: {error.Message.TrimEnd('.')}. Fetch it again.", error);
            }
        }

        return reading.Finish();
    }

    private sealed class Reading(ImportContext context, string? root)
    {
        private readonly List<ImportedImage> _images = [];
        private readonly IReadOnlyList<string>? _given = context.ClassNames();
        private IReadOnlyList<string>? _classes;

        public async Task AddAsync(string path)
        {
            var reader = await ParquetReader.CreateAsync(path, cancellationToken: context.Cancel).ConfigureAwait(false);
            await using (reader.ConfigureAwait(false))
            {
                var columns = Columns.Of(path, reader.Schema, context.Options.Columns);
                _classes = _given ?? NamesFrom(reader.CustomMetadata, columns.Label.Name) ?? _classes;
                var total = reader.RowGroups.Sum(group => group.RowCount);
                long row = 0;
                for (var group = 0; group < reader.RowGroupCount; group++)
                {
                    using var rows = reader.OpenRowGroupReader(group);
                    row = await AddRowsAsync(path, rows, columns, row, total).ConfigureAwait(false);
                }
            }
        }

        public ImportDraft Finish()
        {
            var hasSplits = _images.Any(image => image.Split is SplitName.Validation or SplitName.Test);
            var numbers = _images.All(image => int.TryParse(image.Label, out _));
            return new ImportDraft(
                hasSplits ? _images : [.. _images.Select(image => image with { Split = null })],
                _classes ?? (numbers ? [.. _images.Select(image => image.Label).Distinct().OrderBy(int.Parse)] : null));
        }

        private async Task<long> AddRowsAsync(string path, ParquetRowGroupReader rows, Columns columns, long row, long total)
        {
            var bytes = new byte[]?[rows.RowCount];
            await rows.ReadAsync(columns.Bytes, bytes.AsMemory(), null, context.Cancel).ConfigureAwait(false);
            var labels = await LabelsAsync(rows, columns.Label).ConfigureAwait(false);
            var names = columns.Path is null ? null : new string?[rows.RowCount];
            if (names is not null)
            {
                await rows.ReadAsync(columns.Path!, names.AsMemory(), null, context.Cancel).ConfigureAwait(false); // There are names only with the column.
            }

            var file = root is null ? Path.GetFileName(path) : Path.GetRelativePath(root, path).Replace('\\', '/');
            var stem = file[..^Path.GetExtension(file).Length];
            for (var i = 0; i < bytes.Length; i++, row++)
            {
                var where = $"Row {row} of '{path}'";
                if (bytes[i] is not { Length: > 0 } content)
                {
                    context.Notices.Add(new DataNotice("no-picture", $"{stem}/{row}", "The row holds no picture bytes and is left out."));
                    continue;
                }

                if (labels[i] is not { } label)
                {
                    context.Notices.Add(new DataNotice("no-label", $"{stem}/{row}", "The row has no label and is left out."));
                    continue;
                }

                var end = Extension(content, names?[i]);
                _images.Add(new ImportedImage($"{stem}/{row:D8}{end}", Label(label, where), SplitOf(stem)) { File = Save($"{_images.Count:D8}{end}", content) });
                context.Report("read", row + 1, total);
            }

            return row;
        }

        // Beside the pictures of other formats, so that all are checked the same way, by all threads.
        private string Save(string name, byte[] content)
        {
            Directory.CreateDirectory(context.Scratch);
            var path = Path.Combine(context.Scratch, name);
            File.WriteAllBytes(path, content);
            return path;
        }

        private string Label(object label, string where) => label is long number
            ? ClassList.Name(_classes, number is >= 0 and <= int.MaxValue ? (int)number : -1, where)
            : ClassList.Resolve(_classes, (string)label, where); // LabelsAsync gives no other kinds.

        private async Task<object?[]> LabelsAsync(ParquetRowGroupReader rows, DataField field)
        {
            if (field.ClrType == typeof(long))
            {
                return await NumbersAsync<long>(rows, field, value => value).ConfigureAwait(false);
            }

            if (field.ClrType == typeof(int))
            {
                return await NumbersAsync<int>(rows, field, value => value).ConfigureAwait(false);
            }

            if (field.ClrType == typeof(short))
            {
                return await NumbersAsync<short>(rows, field, value => value).ConfigureAwait(false);
            }

            if (field.ClrType == typeof(byte))
            {
                return await NumbersAsync<byte>(rows, field, value => value).ConfigureAwait(false);
            }

            if (field.ClrType == typeof(sbyte))
            {
                return await NumbersAsync<sbyte>(rows, field, value => value).ConfigureAwait(false);
            }

            var texts = new string?[rows.RowCount];
            await rows.ReadAsync(field, texts.AsMemory(), null, context.Cancel).ConfigureAwait(false);
            return texts;
        }

        private async Task<object?[]> NumbersAsync<T>(ParquetRowGroupReader rows, DataField field, Func<T, long> widen)
            where T : struct
        {
            var values = new T?[rows.RowCount];
            if (field.MaxDefinitionLevel > 0)
            {
                await rows.ReadAsync(field, values.AsMemory(), null, context.Cancel).ConfigureAwait(false);
                return [.. values.Select(value => value is { } given ? (object?)widen(given) : null)];
            }

            var required = new T[rows.RowCount];
            await rows.ReadAsync(field, required.AsMemory(), null, context.Cancel).ConfigureAwait(false);
            return [.. required.Select(value => (object?)widen(value))];
        }

        // Shards are called train-00000-of-00002.parquet, or lie in a folder train/.
        private static string? SplitOf(string stem) =>
            stem.Split('/').Select(part => SplitName.Parse(part.Split('-', '_', '.')[0])).LastOrDefault(split => split is not null);

        private static string Extension(byte[] content, string? name) => name is not null && Path.GetExtension(name).Length > 1
            ? Path.GetExtension(name).ToLowerInvariant()
            : ImageHeader.Detect(content) switch
            {
                ImageFormat.Jpeg => ".jpg",
                ImageFormat.Png => ".png",
                ImageFormat.Gif => ".gif",
                ImageFormat.Bmp => ".bmp",
                ImageFormat.WebP => ".webp",
                _ => "",
            };
    }

    private sealed record Columns(DataField Bytes, DataField? Path, DataField Label)
    {
        public static Columns Of(string file, ParquetSchema schema, TableColumns wanted)
        {
            var fields = schema.GetDataFields();
            var bytes = fields.FirstOrDefault(field => IsBinary(field) && field.Path.Length == 2 && field.Path[1] == "bytes" && (wanted.Path is null || field.Path[0] == wanted.Path))
                ?? fields.FirstOrDefault(field => IsBinary(field) && field.Path.Length == 1 && (wanted.Path is null || field.Name == wanted.Path));
            var label = fields.FirstOrDefault(field => field.Path.Length == 1 && IsLabel(field) && (wanted.Label is null ? LabelNames.Contains(field.Name, StringComparer.OrdinalIgnoreCase) : field.Name == wanted.Label));
            if (bytes is null || label is null)
            {
                throw new DataException(
                    $"'{file}' has the columns {string.Join(", ", fields.Select(field => $"{field.Path} ({field.ClrType.Name})"))}; " +
                    $"{(bytes is null ? "a struct with 'bytes' (binary), or a binary column, is needed for the pictures" : $"one of {string.Join(", ", LabelNames)} (numbers or text) is needed for the classes")}. " +
                    "Name the column with --path-column or --label-column.");
            }

            return new Columns(bytes, fields.FirstOrDefault(field => bytes.Path.Length == 2 && field.Path.Length == 2 && field.Path[0] == bytes.Path[0] && field.Path[1] == "path"), label);
        }

        private static bool IsBinary(DataField field) =>
            (field.ClrType == typeof(byte[]) || field.ClrType == typeof(ReadOnlyMemory<byte>)) && field.MaxRepetitionLevel == 0;

        private static bool IsLabel(DataField field) => field.MaxRepetitionLevel == 0
            && (field.ClrType == typeof(long) || field.ClrType == typeof(int) || field.ClrType == typeof(short) || field.ClrType == typeof(byte) || field.ClrType == typeof(sbyte)
                || field.ClrType == typeof(string) || field.ClrType == typeof(ReadOnlyMemory<char>));
    }

    private static string[]? NamesFrom(Dictionary<string, string>? metadata, string label)
    {
        if (metadata is null || !metadata.TryGetValue("huggingface", out var text))
        {
            return null;
        }

        try
        {
            using var document = JsonDocument.Parse(text);
            return document.RootElement.GetProperty("info").GetProperty("features").GetProperty(label).TryGetProperty("names", out var names)
                ? [.. names.EnumerateArray().Select(name => name.GetString() ?? "")]
                : null;
        }
        catch (Exception error) when (error is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            return null; // Foreign metadata; the labels then stand for themselves.
        }
    }
}
