namespace Sightline.Data.Store;

/// <summary>Marks a folder in which something is being made, so that what a killed process left can be told from what is in use.</summary>
internal sealed class IncomingFolder : IDisposable
{
    private const string LockName = ".lock";

    private readonly FileStream _lock;

    public IncomingFolder(string path)
    {
        Path = path;
        // The system drops the lock with the process, however that ends.
        _lock = new FileStream(System.IO.Path.Combine(path, LockName), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
    }

    public string Path { get; }

    /// <summary>Ends the use; the mark is gone, so that it does not become part of a version.</summary>
    public void Dispose()
    {
        _lock.Dispose();
        File.Delete(System.IO.Path.Combine(Path, LockName));
    }

    /// <summary>Deletes the folders of processes that are gone.</summary>
    public static void RemoveAbandoned(string home, string prefix)
    {
        foreach (var folder in Directory.EnumerateDirectories(home, prefix + "*"))
        {
            try
            {
                var mark = System.IO.Path.Combine(folder, LockName);
                if (!File.Exists(mark))
                {
                    continue; // Being written this moment by a short act.
                }

                using (new FileStream(mark, FileMode.Open, FileAccess.ReadWrite, FileShare.None))
                {
                }

                Directory.Delete(folder, recursive: true);
            }
            catch (Exception error) when (error is IOException or UnauthorizedAccessException)
            {
                continue; // In use, or another user's.
            }
        }
    }
}
