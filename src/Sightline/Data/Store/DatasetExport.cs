using Sightline.Data.Import;

namespace Sightline.Data.Store;

/// <summary>Writes a stored version for other tools. Pictures that are left out are not written.</summary>
public static class DatasetExport
{
    /// <summary>Copies the pictures into class folders: <c>split/class/file</c>, or <c>class/file</c> where the version has no splits.</summary>
    /// <param name="store">The store.</param>
    /// <param name="version">The version.</param>
    /// <param name="folder">Must not exist, or be empty. It appears when it is complete.</param>
    /// <param name="report">Told the number of pictures written; null for silence.</param>
    /// <param name="cancel">Ends the export; nothing is left.</param>
    /// <returns>The number of pictures.</returns>
    /// <remarks>
    /// A file's name is its picture's with '/' as "__" where names would meet; characters that folders cannot have become '_' in class names.
    /// </remarks>
    /// <exception cref="DataException">The folder holds something, or a picture cannot be read.</exception>
    public static int WriteFolders(DatasetStore store, DatasetVersion version, string folder, Action<int>? report, CancellationToken cancel)
    {
        if (File.Exists(folder) || (Directory.Exists(folder) && Directory.EnumerateFileSystemEntries(folder).Any()))
        {
            throw new DataException($"'{folder}' is there already and not empty. Export into a new folder, so that nothing is mixed.");
        }

        var images = store.ReadImages(version).Where(image => image.Excluded is null).ToArray();
        var source = new StoredImages(store.PathOf(version.Name), images);
        var targets = Targets(version, images);
        var full = Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder));
        var partial = $"{full}.{Environment.ProcessId}.tmp";
        try
        {
            for (var index = 0; index < images.Length; index++)
            {
                cancel.ThrowIfCancellationRequested();
                var path = Path.Combine(partial, targets[index]);
                Directory.CreateDirectory(Path.GetDirectoryName(path)!); // A file lies in a folder.
                File.WriteAllBytes(path, source.ReadBytes(index));
                report?.Invoke(index + 1);
            }

            if (Directory.Exists(full))
            {
                Directory.Delete(full);
            }

            Directory.Move(partial, full);
            return images.Length;
        }
        catch (Exception error) when (error is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new DataException($"A picture of {version.Reference} is missing: {error.Message} Put the file back, or import again.", error);
        }
        finally
        {
            if (Directory.Exists(partial))
            {
                Directory.Delete(partial, recursive: true);
            }
        }
    }

    /// <summary>Writes a CSV file with the columns path, label, split, group and time; it can be imported again where the pictures are files.</summary>
    /// <returns>The number of pictures.</returns>
    /// <exception cref="DataException">The version's file cannot be read.</exception>
    public static int WriteList(DatasetStore store, DatasetVersion version, string file)
    {
        var images = store.ReadImages(version).Where(image => image.Excluded is null).ToArray();
        var lines = images.Select(image => DelimitedText.Write(
            [image.Offset is null ? image.File : image.Name, image.Label, image.Split ?? "", image.Group ?? "", image.Time?.ToString("O") ?? ""]));
        AtomicFile.WriteText(file, string.Join('\n', lines.Prepend("path,label,split,group,time")) + "\n");
        return images.Length;
    }

    private static string[] Targets(DatasetVersion version, StoredImage[] images)
    {
        var folders = version.Classes.Select(Safe).ToArray();
        if (folders.Distinct(StringComparer.OrdinalIgnoreCase).Count() != folders.Length)
        {
            throw new DataException($"Two classes of {version.Reference} would get the same folder. Export the list with --list FILE instead.");
        }

        var byClass = version.Classes.Zip(folders).ToDictionary(pair => pair.First, pair => pair.Second, StringComparer.Ordinal);
        var hasSplits = images.Any(image => image.Split is not null);
        var simple = images.Select(image => Target(image, Path.GetFileName(image.Name))).ToArray();
        var counts = simple.GroupBy(target => target, StringComparer.OrdinalIgnoreCase).ToDictionary(group => group.Key, group => group.Count(), StringComparer.OrdinalIgnoreCase);
        return [.. images.Select((image, index) => counts[simple[index]] == 1 ? simple[index] : Target(image, image.Name.TrimStart('/').Replace("/", "__")))];

        string Target(StoredImage image, string file) =>
            hasSplits ? Path.Combine(image.Split ?? SplitName.Train, byClass[image.Label], file) : Path.Combine(byClass[image.Label], file);
    }

    private static string Safe(string name)
    {
        var safe = string.Concat(name.Select(c => c is '/' or '\\' or ':' or '*' or '?' or '"' or '<' or '>' or '|' || char.IsControl(c) ? '_' : c));
        return safe.Trim('.', ' ').Length == 0 ? "_" + safe : safe;
    }
}
