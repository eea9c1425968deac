namespace Sightline.Data;

/// <summary>A file of a class folder.</summary>
/// <param name="Name">Path relative to the data set, with '/'.</param>
/// <param name="ClassName">Its class folder's name.</param>
/// <param name="Split">0 training, 1 validation, 2 test.</param>
internal readonly record struct ScannedFile(string Name, string ClassName, int Split);

/// <summary>Finds splits, classes and files of a class-folder tree: <c>[split/]class/…/file</c>.</summary>
internal sealed class FolderScan
{
    private static readonly string[][] SplitNames = [["train", "training"], ["val", "valid", "validation"], ["test", "testing"]];

    private static readonly HashSet<string> NotPictures = new(StringComparer.OrdinalIgnoreCase) { "Thumbs.db", "desktop.ini" };

    private readonly string _root;
    private readonly List<DataNotice> _notices;
    private readonly List<ScannedFile> _files = [];

    private FolderScan(string root, List<DataNotice> notices)
    {
        _root = root;
        _notices = notices;
    }

    /// <summary>Which of the three splits the data set has as folders.</summary>
    public bool[] HasSplit { get; } = new bool[3];

    /// <summary>The files, sorted by name.</summary>
    public IReadOnlyList<ScannedFile> Files => _files;

    /// <exception cref="DataException">There is no class folder, or the root cannot be read.</exception>
    public static FolderScan Run(string root, List<DataNotice> notices)
    {
        var scan = new FolderScan(root, notices);
        try
        {
            scan.Scan();
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new DataException($"'{root}' cannot be read: {error.Message} Give yourself permission to list it, or pass another folder.", error);
        }

        scan._files.Sort((a, b) => string.CompareOrdinal(a.Name, b.Name));
        return scan;
    }

    private void Scan()
    {
        var folders = Folders(_root);
        var splits = SplitNames.Select(names => folders.Where(folder => names.Contains(Path.GetFileName(folder), StringComparer.OrdinalIgnoreCase)).ToArray()).ToArray();
        // A training folder that holds class folders makes the others splits; a class that happens to be called "test" stays a class.
        if (splits[0].Length == 1 && Folders(splits[0][0]).Count > 0)
        {
            for (var split = 0; split < 3; split++)
            {
                foreach (var folder in splits[split])
                {
                    HasSplit[split] = true;
                    ScanClasses(folder, split, [Canonical(_root), Canonical(folder)]);
                }
            }

            foreach (var other in folders.Except(splits.SelectMany(folder => folder)))
            {
                _notices.Add(new DataNotice("ignored-folder", Relative(other), "It lies beside the splits and belongs to none."));
            }
        }
        else
        {
            HasSplit[0] = true;
            ScanClasses(_root, 0, [Canonical(_root)]);
        }

        if (_files.Count == 0)
        {
            throw new DataException(Empty());
        }
    }

    private string Empty()
    {
        var loose = Directory.EnumerateFiles(_root).Count(path => !IsHidden(path));
        var want = "Give each class a folder of its own: class/picture.jpg, or train/class/picture.jpg, val/…, test/….";
        return loose > 0
            ? $"'{_root}' holds {loose} files but no class folder with pictures. {want}"
            : $"'{_root}' holds no pictures. {want}";
    }

    private void ScanClasses(string folder, int split, string[] above)
    {
        foreach (var child in Folders(folder))
        {
            var canonical = Canonical(child);
            if (above.Contains(canonical, StringComparer.Ordinal))
            {
                _notices.Add(new DataNotice("link-loop", Relative(child), "It links to a folder above itself and is not followed."));
                continue;
            }

            var before = _files.Count;
            Collect(child, Path.GetFileName(child), split, [.. above, canonical]);
            if (_files.Count == before)
            {
                _notices.Add(new DataNotice("empty-class", Relative(child), "The folder holds no file."));
            }
        }
    }

    private void Collect(string folder, string className, int split, string[] above)
    {
        IReadOnlyList<string> children;
        try
        {
            foreach (var file in Directory.EnumerateFiles(folder).Where(path => !IsHidden(path)))
            {
                _files.Add(new ScannedFile(Relative(file), className, split));
            }

            children = Folders(folder);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            _notices.Add(new DataNotice("unreadable-folder", Relative(folder), error.Message));
            return;
        }

        foreach (var child in children)
        {
            var canonical = Canonical(child);
            if (above.Contains(canonical, StringComparer.Ordinal))
            {
                _notices.Add(new DataNotice("link-loop", Relative(child), "It links to a folder above itself and is not followed."));
            }
            else
            {
                Collect(child, className, split, [.. above, canonical]);
            }
        }
    }

    private static IReadOnlyList<string> Folders(string folder) =>
        [.. Directory.EnumerateDirectories(folder).Where(path => !IsHidden(path)).Order(StringComparer.Ordinal)];

    private static bool IsHidden(string path)
    {
        var name = Path.GetFileName(path);
        return name.StartsWith('.') || name == "__MACOSX" || NotPictures.Contains(name);
    }

    // With every link on the way resolved, so that two paths to one folder are the same text.
    private static string Canonical(string path)
    {
        var full = Path.GetFullPath(path);
        var parent = Path.GetDirectoryName(full);
        if (parent is null)
        {
            return full;
        }

        var target = new DirectoryInfo(full).ResolveLinkTarget(returnFinalTarget: true);
        return target is null ? Path.Combine(Canonical(parent), Path.GetFileName(full)) : Canonical(target.FullName);
    }

    private string Relative(string path) => Path.GetRelativePath(_root, path).Replace('\\', '/');
}
