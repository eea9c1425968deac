using System.Globalization;

namespace Sightline.Native;

/// <summary>How much memory this process may hold, and who says so.</summary>
/// <param name="Bytes">Most bytes that it can have resident, those it has already included.</param>
/// <param name="Source">In words: the machine, a control group, a process limit.</param>
internal sealed record MemoryLimit(long Bytes, string Source)
{
    // The plan's error is 10 % (docs/memory.md), and the program's own memory grows a little while it runs.
    private const double Certain = 0.85;

    /// <summary>Whether the kernel ends a process that goes beyond it, where nothing can be caught; else an allocation fails.</summary>
    public bool Kills { get; init; }

    /// <summary>Bytes that a plan may use: less than there are where a plan that is a little too low would be the end.</summary>
    public long Room => Kills ? (long)(Bytes * Certain) : Bytes;

    // Version 1 writes "no limit" as the largest multiple of a page below 2^63.
    private const long NoLimit = 1L << 60;

    /// <summary>The tightest of what the machine has free, the control groups' limits (versions 1 and 2) and the process limits.</summary>
    /// <param name="root">Where <c>/proc</c> and <c>/sys</c> are; another folder for tests.</param>
    /// <returns>Null where the system tells nothing (not Linux).</returns>
    public static MemoryLimit? Read(string root = "/") => All(root).MinBy(limit => limit.Bytes);

    /// <summary>Whether the process's address space or data segment is limited.</summary>
    public static bool HasProcessLimit(string root = "/") => ProcessLimit(root, "Max address space") is not null || ProcessLimit(root, "Max data size") is not null;

    /// <summary>Every limit found.</summary>
    public static IEnumerable<MemoryLimit> All(string root)
    {
        var own = Kilobytes(root, "proc/self/status", "VmRSS:") ?? 0;
        if (Kilobytes(root, "proc/meminfo", "MemAvailable:") is { } free)
        {
            yield return new MemoryLimit(free + own, "the machine's free memory") { Kills = true };
        }

        // Address space and data that are reserved and not resident count against these limits too.
        foreach (var (name, used, text) in new[] { ("Max address space", "VmSize:", "the address space (ulimit -v)"), ("Max data size", "VmData:", "the data segment (ulimit -d)") })
        {
            if (ProcessLimit(root, name) is { } most && Kilobytes(root, "proc/self/status", used) is { } now)
            {
                yield return new MemoryLimit(Math.Max(0, most - now + own), text);
            }
        }

        foreach (var (folder, isSecond) in Groups(root))
        {
            var file = Path.Combine(folder, isSecond ? "memory.max" : "memory.limit_in_bytes");
            if (File.Exists(file) && long.TryParse(File.ReadAllText(file).Trim(), CultureInfo.InvariantCulture, out var most) && most < NoLimit)
            {
                // File pages that can be dropped are not counted; other processes of the group are.
                var held = Statistic(Path.Combine(folder, "memory.stat"), isSecond ? "anon" : "total_rss") ?? own;
                yield return new MemoryLimit(Math.Max(0, most - Math.Max(0, held - own)), $"the memory control group '{Path.GetRelativePath(root, file)}'") { Kills = true };
            }
        }
    }

    // A group is bound by its parents' limits too. In a container the path is often one of the host's, and the limit lies at the top.
    private static IEnumerable<(string Folder, bool IsSecond)> Groups(string root)
    {
        var file = Path.Combine(root, "proc/self/cgroup");
        if (!File.Exists(file))
        {
            yield break;
        }

        foreach (var fields in File.ReadLines(file).Select(line => line.Split(':', 3)).Where(fields => fields.Length == 3))
        {
            var isSecond = fields[1].Length == 0;
            if (!isSecond && !fields[1].Split(',').Contains("memory"))
            {
                continue;
            }

            var top = Path.Combine(root, "sys/fs/cgroup", isSecond ? "" : "memory");
            var names = fields[2].Split('/', StringSplitOptions.RemoveEmptyEntries);
            for (var depth = names.Length; depth >= 0; depth--)
            {
                yield return (Path.Combine([top, .. names.Take(depth)]), isSecond);
            }
        }
    }

    private static long? Kilobytes(string root, string file, string name) => Field(Path.Combine(root, file), name) is { } text
        ? long.Parse(text.TrimEnd("kB").Trim(), CultureInfo.InvariantCulture) * 1024
        : null;

    private static long? Statistic(string file, string name) => Field(file, name + " ") is { } text ? long.Parse(text, CultureInfo.InvariantCulture) : null;

    // "Max address space   unlimited   unlimited   bytes": the first figure is the one that holds.
    private static long? ProcessLimit(string root, string name) =>
        Field(Path.Combine(root, "proc/self/limits"), name)?.Split(' ', StringSplitOptions.RemoveEmptyEntries) is [var soft, ..]
        && long.TryParse(soft, CultureInfo.InvariantCulture, out var bytes) ? bytes : null;

    private static string? Field(string file, string name) => File.Exists(file)
        ? File.ReadLines(file).FirstOrDefault(line => line.StartsWith(name, StringComparison.Ordinal))?[name.Length..].Trim()
        : null;
}
