using System.Globalization;

namespace Sightline.Native;

/// <summary>What this process holds of the machine's memory, as the kernel counts it.</summary>
/// <remarks>
/// Resident memory is what an out-of-memory killer and a memory cgroup count, native and managed alike. glibc's own figures (mallinfo2) leave
/// out what it keeps for later, and have no high-water mark.
/// </remarks>
internal static class ProcessMemory
{
    private const string Status = "/proc/self/status";

    /// <summary>Bytes resident now; null where the system has no /proc.</summary>
    public static long? Resident => Read("VmRSS:");

    /// <summary>Most bytes resident at once since the process began, or since <see cref="ResetPeak"/>; null where the system has no /proc.</summary>
    public static long? Peak => Read("VmHWM:");

    /// <summary>Starts the high-water mark anew (Linux: Documentation/filesystems/proc.rst, clear_refs); false where that is not allowed.</summary>
    public static bool ResetPeak()
    {
        try
        {
            File.WriteAllText("/proc/self/clear_refs", "5");
            return true;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    private static long? Read(string name)
    {
        if (!File.Exists(Status))
        {
            return null;
        }

        var line = File.ReadLines(Status).FirstOrDefault(line => line.StartsWith(name, StringComparison.Ordinal));
        return line is null ? null : long.Parse(line.AsSpan(name.Length).Trim().TrimEnd("kB").Trim(), CultureInfo.InvariantCulture) * 1024;
    }
}
