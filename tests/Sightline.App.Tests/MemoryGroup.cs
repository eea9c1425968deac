using System.Globalization;

namespace Sightline.App.Tests;

/// <summary>A memory control group of the kernel, version 1 or 2, in which programs can be run.</summary>
internal sealed class MemoryGroup : IDisposable
{
    private readonly string _folder;

    private MemoryGroup(string folder) => _folder = folder;

    /// <summary>Makes a group of limited size; null where that is not possible here.</summary>
    public static MemoryGroup? Create(long bytes)
    {
        const string top = "/sys/fs/cgroup";
        var (parent, limit) = Directory.Exists($"{top}/memory") ? ($"{top}/memory", "memory.limit_in_bytes") : (top, "memory.max");
        var folder = Path.Combine(parent, $"sightline-test-{Environment.ProcessId}");
        try
        {
            Directory.CreateDirectory(folder);
            if (!File.Exists(Path.Combine(folder, limit)))
            {
                Directory.Delete(folder); // The memory controller is not given to groups below.
                return null;
            }

            File.WriteAllText(Path.Combine(folder, limit), bytes.ToString(CultureInfo.InvariantCulture));
            return new MemoryGroup(folder);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>Runs <c>sightline</c> in the group; a shell goes in first, so that every page counts. It waits, and says 137 for a process that was killed.</summary>
    public Ended Run(string working, params string[] arguments) =>
        Cli.Execute(Cli.Start(working, "/bin/sh", ["-c", $"echo $$ > {_folder}/cgroup.procs && {{ \"$@\"; exit $?; }}", "sh", Cli.Executable, .. arguments]));

    public void Dispose()
    {
        // The kernel lets go of a group a moment after its last process.
        var patience = System.Diagnostics.Stopwatch.StartNew();
        while (Directory.Exists(_folder) && patience.Elapsed < TimeSpan.FromSeconds(30))
        {
            try
            {
                Directory.Delete(_folder);
            }
            catch (IOException)
            {
                Thread.Yield();
            }
        }
    }
}
