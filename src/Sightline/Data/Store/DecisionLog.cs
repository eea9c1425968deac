using System.Text.Json;

namespace Sightline.Data.Store;

/// <summary>A data set's decisions: an append-only file of <see cref="Decision"/> lines.</summary>
public sealed class DecisionLog
{
    private readonly string _path;
    private readonly TimeProvider _time;

    internal DecisionLog(string path, TimeProvider time)
    {
        _path = path;
        _time = time;
    }

    /// <summary>Every line, oldest first, the undone among them.</summary>
    /// <exception cref="DataException">The file cannot be read.</exception>
    public IReadOnlyList<Decision> All() => File.Exists(_path) ? VersionFiles.ReadLines<Decision>(_path) : [];

    /// <summary>The decisions in force: those that no line undid.</summary>
    /// <exception cref="DataException">The file cannot be read.</exception>
    public IReadOnlyList<Decision> Active()
    {
        var all = All();
        var undone = all.Where(line => line.Undoes is not null).Select(line => line.Undoes!.Value).ToHashSet(); // Filtered just before.
        return [.. all.Where(line => line.Kind is not null && !undone.Contains(line.Batch))];
    }

    /// <summary>The newest act in force; 0 when there is none.</summary>
    internal int LastBatch() => Active().Select(decision => decision.Batch).DefaultIfEmpty().Max();

    /// <summary>Adds one act and returns it with its number and time.</summary>
    internal IReadOnlyList<Decision> Append(IReadOnlyList<Decision> decisions)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(_path)!); // A file's path has a folder.
        // Held alone while the number is taken and the lines are written, so that two processes do not mix their acts.
        using var file = new FileStream(_path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.Read);
        var all = ReadAll(file);
        var batch = all.Select(line => line.Batch).DefaultIfEmpty().Max() + 1;
        var at = _time.GetUtcNow();
        var lines = decisions.Select(decision => decision with { Batch = batch, At = at }).ToArray();
        using var content = new MemoryStream();
        foreach (var line in lines)
        {
            JsonSerializer.Serialize(content, line, VersionFiles.Line);
            content.WriteByte((byte)'\n');
        }

        file.Seek(0, SeekOrigin.End);
        file.Write(content.ToArray());
        file.Flush(flushToDisk: true);
        return lines;
    }

    private List<Decision> ReadAll(FileStream file)
    {
        using var reader = new StreamReader(file, leaveOpen: true);
        var lines = new List<Decision>();
        while (reader.ReadLine() is { } line)
        {
            try
            {
                lines.Add(JsonSerializer.Deserialize<Decision>(line, VersionFiles.Line) ?? throw new JsonException("null"));
            }
            catch (JsonException error)
            {
                throw new DataException($"Line {lines.Count + 1} of '{_path}' cannot be read: {error.Message} Restore the file from a copy; it is the record of what was decided.", error);
            }
        }

        return lines;
    }
}
