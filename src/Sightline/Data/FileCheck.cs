using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Sightline.Native;

namespace Sightline.Data;

/// <summary>What was found when a file was decoded once.</summary>
/// <param name="Size">Bytes.</param>
/// <param name="Sha256">Of the content; empty where it could not be read.</param>
/// <param name="NoticeKind">Null for a good picture, else <c>corrupt-file</c>, <c>unsupported-file</c> or <c>unreadable-file</c>.</param>
/// <param name="Reason">Why it is not good.</param>
internal readonly record struct CheckedFile(long Size, string Sha256, string? NoticeKind, string Reason);

/// <summary>
/// Decodes every file of a data set once, and remembers the result by path, size and time of change, so that the next opening reads no
/// picture at all.
/// </summary>
internal static class FileCheck
{
    // Raised whenever the rules of decoding change, so that old results are not used.
    private const string Header = "sightline file check 2";

    private static readonly TimeSpan SaveInterval = TimeSpan.FromSeconds(15);

    /// <summary>Checks the files that are new or changed since the last time.</summary>
    /// <param name="root">Folder that the names are relative to.</param>
    /// <param name="files">The files.</param>
    /// <param name="remembers">Whether results are kept for the next time; not for files that will be gone.</param>
    /// <param name="report">Told the number of files done, a few times a second; null for silence.</param>
    /// <param name="cancel">Ends the check; what was found so far is remembered, so that the next check goes on there.</param>
    public static CheckedFile[] Run(
        string root, IReadOnlyList<ScannedFile> files, bool remembers = true, Action<int>? report = null, CancellationToken cancel = default)
    {
        var cachePath = CachePath(root);
        var known = remembers ? Load(cachePath) : [];
        var results = new CheckedFile[files.Count];
        var keys = new string[files.Count];
        var finished = new bool[files.Count];
        var done = 0;
        var fresh = 0;
        var next = -1;
        var threads = new Thread[Math.Min(Environment.ProcessorCount, 16)];
        for (var t = 0; t < threads.Length; t++)
        {
            threads[t] = new Thread(Check) { IsBackground = true, Name = $"Sightline file check {t}" };
            threads[t].Start();
        }

        var saved = TimeProvider.System.GetTimestamp();
        foreach (var thread in threads)
        {
            while (!thread.Join(TimeSpan.FromMilliseconds(250)))
            {
                report?.Invoke(Math.Min(Volatile.Read(ref done), files.Count));
                if (remembers && TimeProvider.System.GetElapsedTime(saved) > SaveInterval)
                {
                    Save(cachePath, finished, keys, results);
                    saved = TimeProvider.System.GetTimestamp();
                }
            }
        }

        if (remembers && (fresh > 0 || known.Count != files.Count))
        {
            Save(cachePath, finished, keys, results);
        }

        cancel.ThrowIfCancellationRequested();
        report?.Invoke(files.Count);
        return results;

        void Check()
        {
            var decoder = new ImageDecoder();
            var buffer = new PixelBuffer();
            for (var i = Interlocked.Increment(ref next); i < files.Count && !cancel.IsCancellationRequested; i = Interlocked.Increment(ref next))
            {
                var path = Path.Combine(root, files[i].Name);
                keys[i] = Key(path, files[i].Name);
                if (!known.TryGetValue(keys[i], out results[i]))
                {
                    results[i] = CheckOne(path, decoder, buffer);
                    Interlocked.Increment(ref fresh);
                }

                Volatile.Write(ref finished[i], true);
                Interlocked.Increment(ref done);
            }
        }
    }

    private static CheckedFile CheckOne(string path, ImageDecoder decoder, PixelBuffer buffer)
    {
        long size = 0;
        var sha256 = "";
        try
        {
            var content = decoder.Read(path);
            size = content.Length;
            sha256 = Convert.ToHexStringLower(SHA256.HashData(content));
            // At an eighth of the size where the format can: all data are read, most of the arithmetic is saved.
            decoder.Decode(content, 1, buffer);
            return new CheckedFile(size, sha256, null, "");
        }
        catch (ImageFormatException error)
        {
            return new CheckedFile(size, sha256, error.IsUnsupported ? "unsupported-file" : "corrupt-file", $"The file {error.Message}.");
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return new CheckedFile(size, "", "unreadable-file", $"The file cannot be read: {error.Message}");
        }
    }

    private static string Key(string path, string name)
    {
        var info = new FileInfo(path);
        // A link's own time says nothing of what it leads to.
        if (info.LinkTarget is not null && info.ResolveLinkTarget(returnFinalTarget: true) is FileInfo target)
        {
            info = target;
        }

        return info.Exists
            ? string.Create(CultureInfo.InvariantCulture, $"{name}\t{info.Length}\t{info.LastWriteTimeUtc.Ticks}")
            : $"{name}\t-\t-";
    }

    private static string CachePath(string root)
    {
        var key = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Path.GetFullPath(root))))[..24];
        return Path.Combine(NativeRuntime.CacheFolder, "checked", $"{key}.tsv");
    }

    private static Dictionary<string, CheckedFile> Load(string path)
    {
        var known = new Dictionary<string, CheckedFile>(StringComparer.Ordinal);
        try
        {
            if (!File.Exists(path))
            {
                return known;
            }

            var lines = File.ReadAllLines(path);
            if (lines.Length == 0 || lines[0] != Header)
            {
                return known;
            }

            foreach (var line in lines.Skip(1))
            {
                // name, size, ticks, SHA-256, kind, reason
                var parts = line.Split('\t');
                if (parts.Length == 6 && long.TryParse(parts[1], CultureInfo.InvariantCulture, out var size))
                {
                    known[$"{parts[0]}\t{parts[1]}\t{parts[2]}"] = new CheckedFile(size, parts[3], parts[4].Length == 0 ? null : parts[4], parts[5]);
                }
            }
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // Without the memory of the last time everything is checked again.
            known.Clear();
        }

        return known;
    }

    private static void Save(string path, bool[] finished, string[] keys, CheckedFile[] results)
    {
        var text = new StringBuilder(Header).Append('\n');
        for (var i = 0; i < keys.Length; i++)
        {
            if (!Volatile.Read(ref finished[i]))
            {
                continue;
            }

            var result = results[i];
            // Names with tabs or line ends, and files that could not be read, are checked every time.
            if (keys[i].Count(c => c == '\t') == 2 && !keys[i].Contains('\n') && result.NoticeKind != "unreadable-file")
            {
                text.Append(keys[i]).Append('\t').Append(result.Sha256).Append('\t').Append(result.NoticeKind).Append('\t')
                    .Append(result.Reason.ReplaceLineEndings(" ").Replace('\t', ' ')).Append('\n');
            }
        }

        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path)!); // A file's path has a folder.
            AtomicFile.WriteText(path, text.ToString());
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // A cache folder that cannot be written costs time at the next opening, nothing else.
            return;
        }
    }
}
