using System.Diagnostics;
using Sightline.Cli.Output;

namespace Sightline.Cli.Doctor;

/// <summary>Folders: whether they can be written, how much is free, how fast the disk takes what is written.</summary>
internal static class DiskChecks
{
    private const long LowDiskBytes = 1L << 30;
    private const int ChunkBytes = 4 << 20;
    private const int MostBytes = 64 << 20;
    private const double SlowBytesPerSecond = 30 << 20;

    private static readonly TimeSpan MostTime = TimeSpan.FromSeconds(1.5);

    /// <summary>Whether a folder, or the one where it would be made, can be written, and what is free there.</summary>
    public static Check Folder(string name, string folder, string setting)
    {
        try
        {
            var existing = Existing(folder);
            var probe = Probe(existing);
            File.WriteAllBytes(probe, [1]);
            File.Delete(probe);
            var free = new DriveInfo(existing).AvailableFreeSpace;
            return free >= LowDiskBytes
                ? new Check(name, CheckStatus.Good, $"{folder}, {Readable.Bytes(free)} free")
                : new Check(name, CheckStatus.Doubtful, $"{folder}, {Readable.Bytes(free)} free", $"A run takes up to 1 GiB: free some space, or choose another folder with {setting}.");
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return new Check(name, CheckStatus.Bad, $"{folder} cannot be written ({error.Message.TrimEnd('.')})", $"Choose another folder with {setting}.")
            {
                ExitCode = ExitCode.Unexpected,
            };
        }
    }

    /// <summary>
    /// How fast the disk takes data that must be on it: random bytes, at most 64 MiB or 1.5 seconds, through the cache's flush. Reading is not measured: what
    /// was just written would come from memory. Null where nothing can be written, which the check of the folder tells, or less than eight times as much is free.
    /// </summary>
    public static Check? Speed(string folder)
    {
        try
        {
            var existing = Existing(folder);
            if (new DriveInfo(existing).AvailableFreeSpace < 8L * MostBytes)
            {
                return null;
            }

            var chunk = new byte[ChunkBytes];
            new Random(1).NextBytes(chunk); // A disk that compresses must not look faster.
            var watch = Stopwatch.StartNew();
            var written = 0L;
            using (var file = new FileStream(Probe(existing), FileMode.Create, FileAccess.Write, FileShare.None, bufferSize: 0, FileOptions.DeleteOnClose))
            {
                while (written < MostBytes && watch.Elapsed < MostTime)
                {
                    file.Write(chunk);
                    file.Flush(flushToDisk: true);
                    written += ChunkBytes;
                }

                watch.Stop();
            }

            return Judge(written, watch.Elapsed);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    internal static Check Judge(long written, TimeSpan time)
    {
        var speed = written / Math.Max(1e-6, time.TotalSeconds);
        var seen = $"{Readable.Bytes(speed)}/s written and flushed ({Readable.Bytes(written)} in {time.TotalSeconds:0.00} s, other programs included)";
        return speed >= SlowBytesPerSecond
            ? new Check("disk speed", CheckStatus.Good, seen)
            : new Check("disk speed", CheckStatus.Doubtful, seen, "Checkpoints make the training wait and decoded pictures are read slowly: put --runs and SIGHTLINE_CACHE on a disk of this machine (not a network share), or write fewer checkpoints.");
    }

    private static string Existing(string folder)
    {
        var existing = folder;
        while (!Directory.Exists(existing) && !IsFile(existing) && Path.GetDirectoryName(existing) is { } parent)
        {
            existing = parent;
        }

        return existing;
    }

    // No folder can be made below a file.
    private static bool IsFile(string path) => File.Exists(path) ? throw new IOException($"'{path}' is a file") : false;

    private static string Probe(string folder) => Path.Combine(folder, $".sightline-{Environment.ProcessId}.tmp");
}
