using Sightline.Data.Store;

namespace Sightline.Data.Import;

/// <summary>Decodes what an importer found once, leaves out what is no picture, and copies where that is wanted.</summary>
internal static class PictureCheck
{
    public static IReadOnlyList<StoredImage> Run(IReadOnlyList<ImportedImage> found, ImportContext context, bool isKept)
    {
        var files = found.Where(image => image.File is not null).ToArray(); // So File is given below.
        var isScratch = files.Length > 0 && files[0].File!.StartsWith(context.Scratch, StringComparison.Ordinal);
        var root = Path.GetFullPath(Directory.Exists(context.Path) ? context.Path : Path.GetDirectoryName(Path.GetFullPath(context.Path))!); // A file lies in a folder.
        var scanned = files.Select(image => new ScannedFile(NameBelow(root, image.File!), image.Label, 0)).ToArray();
        var results = files.Length == 0 ? [] : FileCheck.Run(root, scanned, remembers: !isScratch, done => context.Tell(new ImportProgress("check", done, files.Length, "pictures")), context.Cancel);
        var images = new List<StoredImage>(found.Count);
        images.AddRange(found.Where(image => image.Packed is not null).Select(image => image.Packed!)); // Filtered just before.
        foreach (var (index, image) in files.Index())
        {
            var result = results[index];
            if (result.NoticeKind is { } kind)
            {
                context.Notices.Add(new DataNotice(kind, image.Name, result.Reason));
                continue;
            }

            images.Add(isKept || isScratch ? Copy(image, result, context) : Reference(image, result));
            if (isKept || isScratch)
            {
                context.Report("copy", index + 1, files.Length);
            }
        }

        return images;
    }

    // As the reader of class folders names them, so that what one has checked the other need not.
    private static string NameBelow(string root, string file)
    {
        var full = Path.GetFullPath(file);
        return full.StartsWith(root + Path.DirectorySeparatorChar, StringComparison.Ordinal) ? full[(root.Length + 1)..].Replace('\\', '/') : full;
    }

    private static StoredImage Copy(ImportedImage image, CheckedFile result, ImportContext context)
    {
        var content = File.ReadAllBytes(image.File!); // Only pictures with a file come here.
        return context.Pack(image, content, content.Length == result.Size ? null : throw new DataException(
            $"'{image.File}' changed while it was imported. Import again when nothing writes into the folder.")).Packed!; // Pack fills it in.
    }

    private static StoredImage Reference(ImportedImage image, CheckedFile result) => new()
    {
        Name = image.Name,
        Label = image.Label,
        Split = image.Split,
        Group = image.Group,
        Time = image.Time,
        Sha256 = result.Sha256,
        Bytes = result.Size,
        File = Path.GetFullPath(image.File!), // As above.
        Modified = StoredVersionReader.ModifiedOf(new FileInfo(image.File!)),
    };
}
