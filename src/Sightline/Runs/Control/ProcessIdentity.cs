using System.Diagnostics;
using System.Globalization;

namespace Sightline.Runs;

/// <summary>Which process it is: a process id alone is given again after its process has ended.</summary>
/// <param name="Host">The machine's name.</param>
/// <param name="Boot">On Linux the id of the machine's start (<c>/proc/sys/kernel/random/boot_id</c>); null where there is none.</param>
/// <param name="Pid">Process id.</param>
/// <param name="Start">When the process began: on Linux clock ticks since the machine's start, else .NET ticks.</param>
internal sealed record ProcessIdentity(string Host, string? Boot, int Pid, long Start)
{
    // The states of /proc/PID/stat of a process that has ended (man 5 proc): zombie until its parent asks, then dead.
    private const string Ended = "ZXx";

    /// <summary>This process.</summary>
    public static ProcessIdentity Own { get; } = Of(Environment.ProcessId);

    /// <summary>A process of this machine; one that has ended already is not alive.</summary>
    public static ProcessIdentity Of(int pid) => new(Environment.MachineName, BootId(), pid, StartOf(pid) ?? 0);

    /// <summary>Whether it can be seen from here whether the process lives.</summary>
    public bool IsHere => Host == Environment.MachineName;

    /// <summary>Whether the process lives; only where <see cref="IsHere"/>.</summary>
    public bool IsAlive => Boot == BootId() && StartOf(Pid) == Start;

    private static string? BootId()
    {
        try
        {
            return OperatingSystem.IsLinux() ? File.ReadAllText("/proc/sys/kernel/random/boot_id").Trim() : null;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private static long? StartOf(int pid)
    {
        try
        {
            if (!OperatingSystem.IsLinux())
            {
                using var process = Process.GetProcessById(pid);
                return process.HasExited ? null : process.StartTime.Ticks;
            }

            // The name in brackets may hold blanks and brackets; the fields after it begin with the third, the state. The 22nd is the start.
            var stat = File.ReadAllText($"/proc/{pid}/stat");
            var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
            return Ended.Contains(fields[0][0]) ? null : long.Parse(fields[22 - 3], CultureInfo.InvariantCulture);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or ArgumentException or InvalidOperationException or System.ComponentModel.Win32Exception)
        {
            return null;
        }
    }
}
