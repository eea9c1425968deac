using Sightline.Data.Store;

namespace Sightline.Data.Import;

/// <summary>WebDataset samples, as they lie in its tar files: <c>key.jpg</c> beside <c>key.cls</c>. The tar files are unpacked before.</summary>
/// <remarks>webdataset/webdataset:README.md. A key is the path up to the first dot of the file's name; <c>.cls</c> holds a number or a name.</remarks>
internal sealed class WebDatasetImporter : IImporter
{
    private static readonly HashSet<string> Pictures = new(StringComparer.OrdinalIgnoreCase) { "jpg", "jpeg", "png", "webp", "bmp", "gif" };

    public string Name => "webdataset";

    public string Expects => "a WebDataset .tar, or a folder of such shards, with key.jpg (png, webp) and key.cls for each sample";

    public bool Recognises(string path) => Directory.Exists(path) && Directory.EnumerateFiles(path, "*.cls", SearchOption.AllDirectories).Any();

    public ImportDraft Read(ImportContext context)
    {
        var classes = context.ClassNames();
        var images = new List<ImportedImage>();
        var samples = Directory.EnumerateFiles(context.Path, "*", SearchOption.AllDirectories).GroupBy(Key, StringComparer.Ordinal).OrderBy(group => group.Key, StringComparer.Ordinal).ToArray();
        foreach (var sample in samples)
        {
            var picture = sample.FirstOrDefault(file => Pictures.Contains(Path.GetExtension(file).TrimStart('.')));
            var label = sample.FirstOrDefault(file => file.EndsWith(".cls", StringComparison.OrdinalIgnoreCase));
            var key = Path.GetRelativePath(context.Path, sample.Key).Replace('\\', '/');
            if (picture is null || label is null)
            {
                // A picture without label or a label without picture; other files of a tar (classes.txt) are no samples.
                if (picture is not null || label is not null)
                {
                    context.Notices.Add(new DataNotice("incomplete-sample", key, picture is null ? "The sample has no picture (jpg, png, webp, bmp, gif)." : "The sample has no .cls file."));
                }

                continue;
            }

            var text = File.ReadAllText(label).Trim();
            if (text.Length == 0)
            {
                throw new DataException($"'{key}.cls' is empty; it must hold the class's number or name. Write the tar again with a label for each sample.");
            }

            images.Add(new ImportedImage(Path.GetRelativePath(context.Path, picture).Replace('\\', '/'), ClassList.Resolve(classes, text, $"'{key}.cls'"), Split(key)) { File = picture });
            context.Report("read", images.Count, null);
        }

        var hasSplits = images.Any(image => image.Split is SplitName.Validation or SplitName.Test);
        IReadOnlyList<ImportedImage> found = hasSplits ? images : [.. images.Select(image => image with { Split = null })];
        // Numbers without names keep their order as numbers, not as text.
        return new ImportDraft(found, classes ?? (images.All(image => int.TryParse(image.Label, out _)) ? [.. images.Select(image => image.Label).Distinct().OrderBy(int.Parse)] : null));
    }

    private static string Key(string path)
    {
        var name = Path.GetFileName(path);
        var dot = name.IndexOf('.');
        return Path.Combine(Path.GetDirectoryName(path)!, dot < 0 ? name : name[..dot]); // A file lies in a folder.
    }

    // Shards are called train-000012, val-000000 …; the shard is the first folder of the unpacked files.
    private static string? Split(string key)
    {
        var shard = key.Split('/')[0];
        var end = shard.AsSpan().IndexOfAny("-_.0123456789");
        return SplitName.Parse(end < 0 ? shard : shard[..end]);
    }
}
