using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Sightline.Data.Store;
using Sightline.Native;

namespace Sightline.Studio.Data;

/// <summary>Decisions that were taken but not saved yet, by the number of their finding. Kept in a file, so that ending the studio loses none.</summary>
internal sealed class ReviewDraft
{
    private static readonly ConcurrentDictionary<string, ReviewDraft> _open = new(StringComparer.Ordinal);

    private readonly string _file;
    private readonly Lock _gate = new();
    private readonly List<Entry> _entries;

    private ReviewDraft(string file)
    {
        _file = file;
        _entries = Read(file);
    }

    /// <summary>A decision about a finding.</summary>
    /// <param name="Finding">Kind and first picture, which together name a finding for as long as it is undecided.</param>
    /// <param name="Decisions">What it means.</param>
    public sealed record Entry(string Finding, IReadOnlyList<Decision> Decisions);

    public IReadOnlyList<Entry> Entries
    {
        get
        {
            lock (_gate)
            {
                return [.. _entries];
            }
        }
    }

    /// <summary>The draft of a data set.</summary>
    public static ReviewDraft Of(DatasetStore store, string name)
    {
        var key = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{Path.GetFullPath(store.Folder)}\n{name}")))[..24];
        var file = Path.Combine(NativeRuntime.CacheFolder, "studio", $"review-{key}.json");
        return _open.GetOrAdd(file, path => new ReviewDraft(path));
    }

    public void Add(string finding, IReadOnlyList<Decision> decisions)
    {
        lock (_gate)
        {
            _entries.RemoveAll(entry => entry.Finding == finding);
            _entries.Add(new Entry(finding, decisions));
            Write();
        }
    }

    /// <summary>Takes the last decision back; null where there is none.</summary>
    public Entry? TakeBack()
    {
        lock (_gate)
        {
            if (_entries.Count == 0)
            {
                return null;
            }

            var last = _entries[^1];
            _entries.RemoveAt(_entries.Count - 1);
            Write();
            return last;
        }
    }

    public void Clear()
    {
        lock (_gate)
        {
            _entries.Clear();
            Write();
        }
    }

    private void Write()
    {
        if (_entries.Count == 0)
        {
            File.Delete(_file);
            return;
        }

        Directory.CreateDirectory(Path.GetDirectoryName(_file)!); // Made from a folder and a name.
        AtomicFile.WriteText(_file, JsonSerializer.Serialize(_entries, SightlineJson.Indented));
    }

    private static List<Entry> Read(string file)
    {
        try
        {
            return File.Exists(file) ? JsonSerializer.Deserialize<List<Entry>>(File.ReadAllText(file), SightlineJson.Indented) ?? [] : [];
        }
        catch (JsonException)
        {
            return []; // Of another version.
        }
    }
}
