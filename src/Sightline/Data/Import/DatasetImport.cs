using Sightline.Data.Store;

namespace Sightline.Data.Import;

/// <summary>Imports a source into a store as a new version of a data set.</summary>
public static class DatasetImport
{
    private const int DiskFullUnix = 28;
    private const int QuotaFullUnix = 122;
    private const int DiskFullWindows = unchecked((int)0x80070070);

    /// <summary>Imports. Every picture is decoded once; those that cannot be are left out and listed in the version's notices.</summary>
    /// <param name="options">What and how.</param>
    /// <param name="store">Where to.</param>
    /// <param name="http">Used for http(s) sources only.</param>
    /// <param name="progress">Told a few times a second how far it is; null for silence.</param>
    /// <param name="cancel">
    /// Ends the import; nothing of it is visible. A download and the check of files in place go on where they ended at the next import.
    /// </param>
    /// <returns>The new version, or the newest one where the source is the same as that.</returns>
    /// <remarks>Decisions in force are applied again to pictures of the same name and content.</remarks>
    /// <exception cref="SettingsException">An option is out of its range.</exception>
    /// <exception cref="NotFoundException">The source is not there.</exception>
    /// <exception cref="DataException">The source cannot be imported, or the disk is full; the message says why and what to do.</exception>
    /// <exception cref="NetworkException">The address cannot be reached.</exception>
    public static async Task<DatasetVersion> RunAsync(
        ImportOptions options, DatasetStore store, HttpClient http, IProgress<ImportProgress>? progress, CancellationToken cancel)
    {
        var problems = options.Check().ToArray();
        if (problems.Length > 0)
        {
            throw new SettingsException(string.Join(' ', problems));
        }

        DatasetStore.CheckName(options.Name);
        try
        {
            if (Uri.TryCreate(options.Source, UriKind.Absolute, out var address) && address.Scheme is "http" or "https")
            {
                var download = new ArchiveDownload(Path.Combine(store.Folder, ".downloads"), http, progress);
                var (path, sha256) = await download.RunAsync(address!, options.Sha256, options.Limits.UnpackedBytes, cancel).ConfigureAwait(false); // TryCreate said yes.
                var version = ArchiveKind.Of(path) == ArchiveFormat.None
                    ? throw new DataException($"What {address} gave is no archive that can be unpacked; {ArchiveKind.Expects} is expected. Check the address.")
                    : Import(options, store, path, sha256, progress, cancel);
                download.Remove(address!); // As above.
                return version;
            }

            return Import(options, store, options.Source, null, progress, cancel);
        }
        catch (IOException error) when (error.HResult is DiskFullUnix or QuotaFullUnix or DiskFullWindows)
        {
            throw new DataException(
                $"The disk of '{Path.GetFullPath(store.Folder)}' is full; nothing was imported. Free some space, or choose another place with --store FOLDER, and import again.", error);
        }
    }

    private static DatasetVersion Import(
        ImportOptions options, DatasetStore store, string path, string? sha256, IProgress<ImportProgress>? progress, CancellationToken cancel)
    {
        if (!Path.Exists(path))
        {
            throw new NotFoundException($"The source '{path}' is not there. Check the path; it must be a folder, a file or the http(s) address of an archive.");
        }

        var incoming = store.NewIncoming(options.Name);
        try
        {
            VersionDraft draft;
            using (new IncomingFolder(incoming))
            {
                using var context = Unpack(options, path, incoming, progress, cancel);
                var importer = Importers.For(context.Path, path);
                draft = Finish(options, importer, importer.Read(context), context, store, sha256);
                if (Directory.Exists(context.Scratch))
                {
                    Directory.Delete(context.Scratch, recursive: true);
                }
            }

            return store.Add(draft, incoming);
        }
        finally
        {
            store.Discard(options.Name, incoming);
        }
    }

    // An archive, or a folder of shards, is unpacked first; what comes out is imported as if it had lain there.
    private static ImportContext Unpack(ImportOptions options, string path, string incoming, IProgress<ImportProgress>? progress, CancellationToken cancel)
    {
        var context = new ImportContext(path, options, incoming, progress, cancel);
        var unpacked = Path.Combine(context.Scratch, "unpacked");
        if (File.Exists(path))
        {
            var format = ArchiveKind.Of(path);
            if (format == ArchiveFormat.None)
            {
                return context;
            }

            new ArchiveUnpacker(path, unpacked, context).Run(format);
            return new ImportContext(Descend(unpacked), options, incoming, progress, cancel);
        }

        var shards = Directory.EnumerateFiles(path, "*.tar").Order(StringComparer.Ordinal).ToArray();
        if (shards.Length == 0 || Directory.EnumerateDirectories(path).Any())
        {
            return context;
        }

        foreach (var shard in shards)
        {
            new ArchiveUnpacker(shard, Path.Combine(unpacked, Path.GetFileNameWithoutExtension(shard)), context).Run(ArchiveKind.Of(shard));
        }

        return new WebDatasetImporter().Recognises(unpacked)
            ? new ImportContext(unpacked, options, incoming, progress, cancel)
            : throw new DataException($"'{path}' holds {shards.Length} .tar files, but none has .cls files, so they are no WebDataset. Import each archive by itself.");
    }

    // Most archives have one folder at the top that holds all, some with a text about it beside.
    private static string Descend(string folder)
    {
        while (!IsParticular(folder) && Folders(folder) is [var only] && (Folders(only).Length > 0 || IsParticular(only)))
        {
            folder = only;
        }

        return folder;

        static string[] Folders(string folder) =>
            [.. Directory.EnumerateDirectories(folder).Where(child => Path.GetFileName(child) is var name && name[0] != '.' && name != "__MACOSX")];

        // Any format but that of class folders, which nearly every folder has.
        static bool IsParticular(string folder) => Importers.All.Any(importer => importer is not FolderImporter && importer.Recognises(folder));
    }

    private static VersionDraft Finish(
        ImportOptions options, IImporter importer, ImportDraft found, ImportContext context, DatasetStore store, string? sha256)
    {
        var images = PictureCheck.Run(found.Images, context, isKept: options.Copy || context.Path.StartsWith(context.Scratch, StringComparison.Ordinal));
        if (images.Count == 0)
        {
            var first = context.Notices.FirstOrDefault();
            throw new DataException(
                $"'{options.Source}' holds no picture that can be read; {found.Images.Count} were tried.{(first is null ? "" : $" The first: '{first.Subject}': {first.Reason}")}");
        }

        var twice = images.GroupBy(image => image.Name, StringComparer.Ordinal).Where(group => group.Count() > 1).Select(group => group.Key).ToArray();
        if (twice.Length > 0)
        {
            throw new DataException($"'{options.Source}' has {twice.Length} names twice, the first '{twice[0]}'. Give each picture a name of its own.");
        }

        var classes = found.Classes ?? [.. images.Select(image => image.Label).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];
        return new VersionDraft
        {
            Name = options.Name,
            MadeBy = "import",
            Detail = $"{images.Count} pictures of {classes.Count} classes from '{options.Source}' ({importer.Name})",
            Source = options.Source,
            SourceFormat = importer.Name,
            SourceSha256 = sha256,
            Classes = classes,
            Images = DatasetFixes.Reapply(images, classes, store.Decisions(options.Name).Active()),
            Notices = context.Notices,
        };
    }
}
