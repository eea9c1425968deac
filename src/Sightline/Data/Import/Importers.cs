namespace Sightline.Data.Import;

/// <summary>The known kinds of sources.</summary>
internal static class Importers
{
    /// <summary>In the order in which they are asked: the more particular first.</summary>
    public static IReadOnlyList<IImporter> All { get; } =
    [
        new IdxImporter(),
        new CifarImporter(),
        new ParquetImporter(),
        new CocoImporter(),
        new TableImporter(),
        new PathListImporter(),
        new WebDatasetImporter(),
        new FolderImporter(),
    ];

    /// <exception cref="DataException">None knows it; the message lists what is known.</exception>
    public static IImporter For(string path, string shown) => All.FirstOrDefault(importer => importer.Recognises(path)) ?? throw new DataException(
        $"'{shown}' is of no format that can be imported{Seen(path)}. Known are:{Environment.NewLine}" +
        string.Join(Environment.NewLine, All.Select(importer => $"  {importer.Name}: {importer.Expects}")) +
        $"{Environment.NewLine}  archive: {ArchiveKind.Expects}");

    private static string Seen(string path)
    {
        if (Directory.Exists(path))
        {
            var names = Directory.EnumerateFileSystemEntries(path).Take(4).Select(entry => Path.GetFileName(entry)).ToArray();
            return names.Length == 0 ? "; the folder is empty" : $"; it holds {string.Join(", ", names.Take(3))}{(names.Length > 3 ? ", ..." : "")}";
        }

        using var file = File.OpenRead(path);
        var start = new byte[8];
        var read = file.ReadAtLeast(start, start.Length, throwOnEndOfStream: false);
        return read == 0 ? "; the file is empty" : $"; it begins with the bytes {Convert.ToHexString(start, 0, read)}";
    }
}
