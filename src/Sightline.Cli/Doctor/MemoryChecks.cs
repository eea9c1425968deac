using Sightline.Cli.Output;
using Sightline.Native;

namespace Sightline.Cli.Doctor;

/// <summary>Memory that a training may use, who limits it, and the allocator that hands it out.</summary>
internal static class MemoryChecks
{
    private const long LowMemoryBytes = 4L << 30;

    private static readonly string[] OtherAllocators = ["jemalloc", "tcmalloc", "mimalloc"];

    /// <param name="root">Where <c>/proc</c> and <c>/sys</c> are.</param>
    public static Check Memory(string root = "/")
    {
        var limit = MemoryLimit.Read(root);
        var bytes = Math.Min(limit?.Bytes ?? long.MaxValue, GC.GetGCMemoryInfo().TotalAvailableMemoryBytes);
        var seen = $"{Readable.Bytes(bytes)} usable{(limit is { } by && by.Bytes == bytes ? $", bounded by {by.Source}" : "")}";
        return bytes >= LowMemoryBytes
            ? new Check("memory", CheckStatus.Good, seen)
            : new Check("memory", CheckStatus.Doubtful, seen, limit is { Source: { } source } && source.Contains("control group", StringComparison.Ordinal)
                ? "Raise the limit of the container or job (docker run --memory, sbatch --mem), or use a small --batch and --size; 4 GiB and more are comfortable."
                : "Use a small --batch and --size, or end other programs; 4 GiB and more are comfortable.");
    }

    /// <param name="isLinux">Whether this is Linux; elsewhere the system's allocator is used as it is.</param>
    /// <param name="setting">The variable <c>SIGHTLINE_MALLOC</c>.</param>
    /// <param name="maps">The libraries of this process, <c>/proc/self/maps</c>.</param>
    public static Check Allocator(bool isLinux, string? setting, string maps)
    {
        if (!isLinux)
        {
            return new Check("allocator", CheckStatus.Good, "the system's");
        }

        if (OtherAllocators.FirstOrDefault(name => maps.Contains(name, StringComparison.OrdinalIgnoreCase)) is { } other)
        {
            return new Check("allocator", CheckStatus.Good, $"{other}, loaded in place of the system's; its own settings hold");
        }

        if (maps.Contains("ld-musl", StringComparison.Ordinal))
        {
            return new Check("allocator", CheckStatus.Doubtful, "musl's, which cannot be told to keep blocks", "Use a distribution with glibc: training steps on the processor are much faster there.");
        }

        return setting == "default"
            ? new Check("allocator", CheckStatus.Doubtful, "glibc's as it is (SIGHTLINE_MALLOC=default): freed blocks go back to the system at each step", "Steps on the processor take 40 to 60 % longer: unset SIGHTLINE_MALLOC.")
            : new Check("allocator", CheckStatus.Good, "glibc's, which keeps freed blocks for the next step");
    }

    /// <summary>The libraries of this process; empty where the system does not tell.</summary>
    public static string Maps()
    {
        try
        {
            return File.Exists("/proc/self/maps") ? File.ReadAllText("/proc/self/maps") : "";
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return "";
        }
    }
}
