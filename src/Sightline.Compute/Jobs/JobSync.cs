using System.Text.Json;

namespace Sightline.Compute.Jobs;

/// <summary>
/// Keeps the local folder of a run the same as the one on the host: growing files by offset, others whole and only when they changed, requests
/// to the run the other way. May be cut off at any place and begun again by another process.
/// </summary>
/// <param name="host">The host.</param>
/// <param name="job">The job.</param>
/// <param name="hostFolder">The run's folder on the host, below the job's.</param>
/// <param name="localFolder">The run's folder here.</param>
internal sealed class JobSync(IJobHost host, string job, string hostFolder, string localFolder)
{
    private const string StateFile = "job-sync.json";

    private const string LockFile = "job-sync.lock";
    private const string Log = "job.log";
    private const string Control = "control.jsonl";
    private const int Piece = 1 << 20;

    // These belong to the local side.
    private static readonly string[] _local = ["job.json", StateFile, LockFile, Log, Control, Control + ".lock"];

    // Read anew in every turn: another process may bring files too.
    private Dictionary<string, Kept>? _kept;

    /// <summary>Told a file's name and its path when it came new, before it gets its name here. For paths in it that are of the host.</summary>
    public Action<string, string>? Arrived { get; init; }

    /// <summary>Brings what is new.</summary>
    /// <param name="isWhole">Whether checkpoints too, which may be large; else only what a person watches.</param>
    /// <returns>Whether it was done; another process may be at it.</returns>
    /// <exception cref="HostLostException">The host cannot be reached; what came is kept.</exception>
    public async Task<bool> PullAsync(bool isWhole, CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(localFolder);
        using var turn = Turn();
        if (turn is null)
        {
            return false;
        }

        _kept = ReadState();
        try
        {
            var files = await host.FilesAsync(job, hostFolder, cancellationToken).ConfigureAwait(false);
            // run.json makes it a run, so it comes first; checkpoints are large and come last.
            foreach (var file in files.Where(file => !_local.Contains(file.Name) && !IsUnfinished(file.Name)).OrderBy(file => file.Name != "run.json").ThenBy(IsLarge).ThenBy(file => file.Name, StringComparer.Ordinal))
            {
                if (isWhole || !IsLarge(file))
                {
                    await BringAsync(file, cancellationToken).ConfigureAwait(false);
                }
            }

            await GrowAsync(Log, "log", null, cancellationToken).ConfigureAwait(false);
            return true;
        }
        finally
        {
            WriteState();
        }
    }

    /// <summary>Passes requests to the run on, each once.</summary>
    public async Task PushControlAsync(CancellationToken cancellationToken)
    {
        var file = Path.Combine(localFolder, Control);
        if (!File.Exists(file))
        {
            return;
        }

        using var turn = Turn();
        if (turn is null)
        {
            return; // Another process is at it.
        }

        byte[] content;
        await using (var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete))
        {
            content = new byte[stream.Length];
            await stream.ReadExactlyAsync(content, cancellationToken).ConfigureAwait(false);
        }

        var whole = Array.LastIndexOf(content, (byte)'\n') + 1;
        _kept = ReadState();
        var sent = _kept.TryGetValue(Control, out var kept) ? kept.Bytes : 0;
        if (sent >= whole)
        {
            return;
        }

        // The host says how much it has, for the answer to an earlier try may have been lost.
        var name = $"{hostFolder}/{Control}";
        var has = await host.AppendAsync(job, name, sent, content.AsMemory((int)sent..whole), cancellationToken).ConfigureAwait(false);
        if (has < whole)
        {
            has = await host.AppendAsync(job, name, has, content.AsMemory((int)has..whole), cancellationToken).ConfigureAwait(false);
        }

        _kept[Control] = new Kept { Bytes = Math.Min(has, whole) };
        WriteState();
    }

    /// <summary>The run has moved to another host, which got all that is here: its files are new there, its requests are not.</summary>
    public static void Moved(string localFolder)
    {
        var control = new FileInfo(Path.Combine(localFolder, Control));
        var kept = new Dictionary<string, Kept>();
        if (control.Exists)
        {
            kept[Control] = new Kept { Bytes = control.Length };
        }

        File.WriteAllText(Path.Combine(localFolder, StateFile), JsonSerializer.Serialize(kept));
    }

    // One process at a time; released by the system when a process dies.
    private FileStream? Turn()
    {
        try
        {
            return new FileStream(Path.Combine(localFolder, LockFile), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException)
        {
            return null;
        }
    }

    // A file that is being written under another name until it is whole.
    private static bool IsUnfinished(string name) => name.EndsWith("next.safetensors", StringComparison.Ordinal) || name.EndsWith(".tmp", StringComparison.Ordinal);

    private static bool IsLarge(HostFile file) => file.Name.StartsWith("checkpoints/", StringComparison.Ordinal) || file.Name.StartsWith("tensorboard/", StringComparison.Ordinal);

    private static bool IsLog(string name) => name.EndsWith(".jsonl", StringComparison.Ordinal) || name.EndsWith(".log", StringComparison.Ordinal);

    private async Task BringAsync(HostFile file, CancellationToken cancellationToken)
    {
        var known = _kept?.GetValueOrDefault(file.Name);
        var target = Path.Combine(localFolder, file.Name.Replace('/', Path.DirectorySeparatorChar));
        if (!Path.GetFullPath(target).StartsWith(Path.GetFullPath(localFolder) + Path.DirectorySeparatorChar, StringComparison.Ordinal))
        {
            return; // The host names a file outside; it is not believed.
        }

        if (IsLog(file.Name))
        {
            await GrowAsync(file.Name, $"{hostFolder}/{file.Name}", file, cancellationToken).ConfigureAwait(false);
        }
        else if (known is null || known.Inode != file.Inode || known.Bytes != file.Bytes || known.ModifiedSeconds != file.ModifiedSeconds || !File.Exists(target))
        {
            var incoming = target + ".incoming";
            string sha256;
            try
            {
                sha256 = await host.FetchAsync(job, $"{hostFolder}/{file.Name}", incoming, Copy, cancellationToken).ConfigureAwait(false);
            }
            catch (FileNotFoundException)
            {
                return; // It has another name since it was listed, as a checkpoint that became the one before; the next turn sees it.
            }

            Arrived?.Invoke(file.Name, incoming);
            File.Move(incoming, target, overwrite: true);
            _kept![file.Name] = new Kept { Inode = file.Inode, Bytes = file.Bytes, ModifiedSeconds = file.ModifiedSeconds, Sha256 = sha256 };
        }
    }

    // The last checkpoint becomes the one before it: the same content under another name is copied here.
    private string? Copy(string sha256)
    {
        foreach (var (name, kept) in _kept!) // As above.
        {
            var path = Path.Combine(localFolder, name);
            if (kept.Sha256 == sha256 && kept.Bytes > Piece && File.Exists(path) && new FileInfo(path).Length == kept.Bytes)
            {
                return path;
            }
        }

        return null;
    }

    // Only whole lines are written here. A file that was replaced, as metrics.jsonl is when a run goes back to its checkpoint, is taken anew.
    private async Task GrowAsync(string name, string hostFile, HostFile? seen, CancellationToken cancellationToken)
    {
        var target = Path.Combine(localFolder, name);
        var known = _kept?.GetValueOrDefault(name);
        var isNew = known is null || !File.Exists(target) || (seen is { } file && (known.Inode != file.Inode || file.Bytes < known.Bytes));
        if (!isNew && seen is { } same && same.Bytes == known!.Bytes) // It is known where it is not new.
        {
            return;
        }

        var offset = isNew ? 0 : known!.Bytes; // As above.
        var writing = isNew ? target + ".incoming" : target;
        await using (var stream = new FileStream(writing, isNew ? FileMode.Create : FileMode.Open, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete))
        {
            stream.SetLength(offset); // A line may have been written without being noted.
            stream.Seek(offset, SeekOrigin.Begin);
            while (true)
            {
                var piece = await host.ReadAsync(job, hostFile, offset, Piece, cancellationToken).ConfigureAwait(false);
                var whole = Array.LastIndexOf(piece, (byte)'\n') + 1;
                whole = whole == 0 && piece.Length == Piece ? piece.Length : whole;
                await stream.WriteAsync(piece.AsMemory(0, whole), cancellationToken).ConfigureAwait(false);
                offset += whole;
                if (whole == 0 || piece.Length < Piece)
                {
                    break;
                }
            }
        }

        if (isNew)
        {
            File.Move(writing, target, overwrite: true);
        }

        _kept![name] = new Kept { Inode = seen?.Inode ?? 0, Bytes = offset };
    }

    private Dictionary<string, Kept> ReadState()
    {
        var file = Path.Combine(localFolder, StateFile);
        try
        {
            return File.Exists(file) ? JsonSerializer.Deserialize<Dictionary<string, Kept>>(File.ReadAllText(file)) ?? [] : [];
        }
        catch (JsonException)
        {
            return []; // All is brought anew.
        }
    }

    private void WriteState()
    {
        var file = Path.Combine(localFolder, StateFile);
        File.WriteAllText(file + ".tmp", JsonSerializer.Serialize(_kept));
        File.Move(file + ".tmp", file, overwrite: true);
    }

    private sealed record Kept
    {
        public long Inode { get; init; }

        public long Bytes { get; init; }

        public long ModifiedSeconds { get; init; }

        public string? Sha256 { get; init; }
    }
}
