using System.Diagnostics;

namespace Sightline.Compute.Tests.Storage;

/// <summary>A PostgreSQL server of this test alone: its files in a temporary folder, reached by a socket in it. Absent programs give a reason to skip.</summary>
internal sealed class PostgresServer : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("sightline-pg").FullName;
    private readonly string _bin;

    private PostgresServer(string bin)
    {
        _bin = bin;
        if (IsRoot)
        {
            Run("chown", "postgres", _folder); // The server refuses to run as root.
        }

        Run([.. As(), Path.Combine(bin, "initdb"), "-D", Data, "-A", "trust", "-U", "sightline", "--no-sync"]);
        Run([.. As(), Path.Combine(bin, "pg_ctl"), "-D", Data, "-w", "-s", "-l", Path.Combine(_folder, "log"), "-o", $"-c listen_addresses='' -c unix_socket_directories='{_folder}' -c fsync=off", "start"]);
    }

    /// <summary>How to reach it.</summary>
    public string Place => $"Host={_folder};Username=sightline;Database=postgres";

    private static bool IsRoot => Environment.UserName == "root";

    private string Data => Path.Combine(_folder, "data");

    /// <summary>Starts one; null where PostgreSQL is not installed.</summary>
    public static PostgresServer? TryStart() => Bin() is { } bin && (!IsRoot || File.Exists("/usr/sbin/runuser")) ? new PostgresServer(bin) : null;

    public void Dispose()
    {
        Run([.. As(), Path.Combine(_bin, "pg_ctl"), "-D", Data, "-m", "immediate", "-s", "stop"]);
        Directory.Delete(_folder, recursive: true);
    }

    private static string? Bin() => new[] { "/usr/local/bin" }
        .Concat(Directory.Exists("/usr/lib/postgresql") ? Directory.EnumerateDirectories("/usr/lib/postgresql").OrderDescending(StringComparer.Ordinal).Select(folder => Path.Combine(folder, "bin")) : [])
        .FirstOrDefault(folder => File.Exists(Path.Combine(folder, "initdb")) && File.Exists(Path.Combine(folder, "pg_ctl")));

    private static string[] As() => IsRoot ? ["/usr/sbin/runuser", "-u", "postgres", "--"] : [];

    private static void Run(params string[] command)
    {
        // No redirected streams: the server would inherit them, and the wait for their end would never end.
        using var process = Process.Start(new ProcessStartInfo("/bin/sh", ["-c", $"cd / && {string.Join(' ', command.Select(part => $"'{part.Replace("'", "'\\''", StringComparison.Ordinal)}'"))} >/dev/null 2>&1 </dev/null"]))!; // Null only where the shell runs it.
        process.WaitForExit(TimeSpan.FromMinutes(1));
        if (!process.HasExited || process.ExitCode != 0)
        {
            throw new InvalidOperationException($"'{string.Join(' ', command)}' failed with {(process.HasExited ? process.ExitCode : "a time-out")}.");
        }
    }
}
