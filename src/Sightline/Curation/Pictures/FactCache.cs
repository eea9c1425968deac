using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Sightline.Native;

namespace Sightline.Curation.Pictures;

/// <summary>
/// The facts of a data set's pictures, kept by their content in one file of the cache folder. New facts are appended as they come, so that a
/// check that is broken off goes on where it was, and adding pictures measures only those.
/// </summary>
internal sealed class FactCache : IDisposable
{
    // Raised whenever a measure changes, so that old figures are not used.
    private static readonly byte[] Header = Encoding.ASCII.GetBytes(
        string.Create(CultureInfo.InvariantCulture, $"sightline picture facts 1 {FactRecord.Length}").PadRight(47) + "\n");

    private readonly Dictionary<UInt128, PictureFacts> _known = [];
    private readonly Lock _gate = new();
    private readonly byte[] _record = new byte[FactRecord.Length];
    private FileStream? _file;

    private FactCache()
    {
    }

    /// <summary>Opens the cache of a data set.</summary>
    /// <param name="location">The data set's folder; anything else has no file, and is measured each time.</param>
    public static FactCache Open(string location)
    {
        var cache = new FactCache();
        try
        {
            if (Path.Exists(location))
            {
                cache.Load(PathFor(location));
            }
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // Without the cache (a folder that cannot be written, another check at the same time) every picture is measured.
            cache._file?.Dispose();
            cache._file = null;
        }

        return cache;
    }

    /// <summary>The facts kept for this content. Safe for many threads while nothing is added.</summary>
    public bool TryGet(UInt128 key, out PictureFacts? facts)
    {
        lock (_gate)
        {
            return _known.TryGetValue(key, out facts);
        }
    }

    /// <summary>Keeps facts. Safe for many threads.</summary>
    public void Add(UInt128 key, PictureFacts facts)
    {
        lock (_gate)
        {
            if (!_known.TryAdd(key, facts) || _file is null)
            {
                return;
            }

            FactRecord.Write(key, facts, _record);
            try
            {
                _file.Write(_record);
            }
            catch (IOException)
            {
                // A full disk costs the memory of this check, not its result.
                _file = null;
            }
        }
    }

    /// <summary>Writes what is buffered.</summary>
    public void Dispose()
    {
        try
        {
            _file?.Dispose();
        }
        catch (IOException)
        {
            // As in Add.
            _file = null;
        }
    }

    /// <summary>The file of a data set.</summary>
    internal static string PathFor(string location)
    {
        var key = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Path.GetFullPath(location))))[..24];
        return Path.Combine(NativeRuntime.CacheFolder, "facts", $"{key}.bin");
    }

    private void Load(string path)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!); // A file's path has a folder.
        var file = new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, 1 << 16);
        _file = file;
        var header = new byte[Header.Length];
        if (file.ReadAtLeast(header, header.Length, throwOnEndOfStream: false) < header.Length || !header.AsSpan().SequenceEqual(Header))
        {
            file.SetLength(0);
            file.Write(Header);
            return;
        }

        var whole = (file.Length - Header.Length) / FactRecord.Length;
        for (var i = 0L; i < whole; i++)
        {
            file.ReadExactly(_record);
            var (key, facts) = FactRecord.Read(_record);
            _known[key] = facts;
        }

        // A record cut short by a process that was ended.
        file.SetLength(Header.Length + (whole * FactRecord.Length));
        file.Seek(0, SeekOrigin.End);
    }
}
