namespace Sightline.Studio.Shared;

/// <summary>Keeps paths below a folder, links resolved: a link inside a run cannot show a file outside it.</summary>
internal static class Confined
{
    /// <summary>The file or folder that a path leads to, null where it is absent or lies outside.</summary>
    public static string? Resolve(string root, string path)
    {
        var full = Path.GetFullPath(path);
        if (!IsBelow(Real(Path.GetFullPath(root)), Real(full)))
        {
            return null;
        }

        return Path.Exists(full) ? full : null;
    }

    /// <summary>Whether a path is a folder or leads below it, by its words alone.</summary>
    public static bool IsBelow(string root, string path) =>
        path == root || path.StartsWith(Path.EndsInDirectorySeparator(root) ? root : root + Path.DirectorySeparatorChar, StringComparison.Ordinal);

    // Each part may be a link, so each is looked at, from the root down; a link's target begins anew.
    private static string Real(string path)
    {
        const int MostLinks = 40; // As the kernel's limit for loops of links.
        var links = 0;
        var done = Path.GetPathRoot(path) ?? "";
        var left = new Stack<string>(path[done.Length..].Split(Path.DirectorySeparatorChar, StringSplitOptions.RemoveEmptyEntries).Reverse());
        while (left.TryPop(out var part))
        {
            var next = Path.GetFullPath(Path.Combine(done, part));
            FileSystemInfo info = Directory.Exists(next) ? new DirectoryInfo(next) : new FileInfo(next);
            if (info.LinkTarget is not { } target || ++links > MostLinks)
            {
                done = next;
                continue;
            }

            var full = Path.GetFullPath(Path.Combine(Path.GetDirectoryName(next) ?? "", target));
            done = Path.GetPathRoot(full) ?? "";
            foreach (var inner in full[done.Length..].Split(Path.DirectorySeparatorChar, StringSplitOptions.RemoveEmptyEntries).Reverse())
            {
                left.Push(inner);
            }
        }

        return done;
    }
}
