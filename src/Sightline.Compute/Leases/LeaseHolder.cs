using System.ComponentModel;
using System.Diagnostics;

namespace Sightline.Compute.Leases;

/// <summary>Who holds a lease: place, process, and an id of its own. A holder whose process is gone cannot act any more, so nobody has to wait for the hold to pass.</summary>
internal static class LeaseHolder
{
    // Seconds: processes compute each other's start from a boot time that may be corrected meanwhile.
    private const long ClockSlack = 2;

    // The process id means something only in this boot and this namespace of processes: two containers may share a database.
    private static readonly string _place = $"{Environment.MachineName}/{Read("/proc/sys/kernel/random/boot_id")}/{Link("/proc/self/ns/pid")}";

    /// <summary>A name for a controller of this process.</summary>
    /// <param name="id">Different for each controller.</param>
    public static string Name(string id) => Name(Environment.ProcessId, StartTicks(Environment.ProcessId) ?? 0, id);

    /// <summary>Whether the holder's process has surely ended: it was of this place, and no process has its id and start now.</summary>
    /// <param name="holder">As <see cref="Name(string)"/> made it.</param>
    public static bool IsDead(string holder)
    {
        var parts = holder.Split('|');
        return parts.Length == 4 && parts[0] == _place && int.TryParse(parts[1], out var process) && long.TryParse(parts[2], out var start) && StartTicks(process) is var seen
            && (seen is null || (start != 0 && seen != 0 && Math.Abs(seen.Value - start) > ClockSlack));
    }

    internal static string Name(int process, long start, string id) => $"{_place}|{process}|{start}|{id}";

    // Null when there is no such process; 0 when its start cannot be read.
    private static long? StartTicks(int process)
    {
        try
        {
            using var found = Process.GetProcessById(process);
            return found.HasExited ? null : new DateTimeOffset(found.StartTime).ToUnixTimeSeconds();
        }
        catch (ArgumentException)
        {
            return null;
        }
        catch (Exception error) when (error is Win32Exception or InvalidOperationException or NotSupportedException)
        {
            return 0;
        }
    }

    private static string Read(string file)
    {
        try
        {
            return File.Exists(file) ? File.ReadAllText(file).Trim() : "";
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return "";
        }
    }

    private static string Link(string file)
    {
        try
        {
            return new FileInfo(file).LinkTarget ?? "";
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return "";
        }
    }
}
