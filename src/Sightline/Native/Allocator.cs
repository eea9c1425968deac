using System.Runtime.InteropServices;

namespace Sightline.Native;

/// <summary>How glibc's allocator treats large blocks. Elsewhere nothing changes.</summary>
internal static partial class Allocator
{
    // Larger than the small tensors of norms and biases, smaller than any picture's results.
    private const int CompactThreshold = 1 << 20;

    /// <summary>Whether <see cref="Compact"/> was called.</summary>
    public static bool IsCompact { get; private set; }

    /// <summary>Blocks are kept for the next step: fast, and more memory than the tensors', since freed blocks of many sizes leave gaps.</summary>
    public static void KeepBlocks()
    {
        Set(int.MaxValue, int.MaxValue);
        AlignedBlocks.Limit(null);
        IsCompact = false;
    }

    /// <summary>Each large tensor has pages of its own that go back to the system with it; what is free now goes back at once.</summary>
    public static void Compact()
    {
        Set(CompactThreshold, CompactThreshold);
        AlignedBlocks.Limit(CompactThreshold - 1); // Pages of its own are not aligned as malloc gives them, and would be asked for twice.
        Trim();
        IsCompact = true;
    }

    /// <summary>Gives free pages back to the system.</summary>
    public static void Trim()
    {
        if (OperatingSystem.IsLinux())
        {
            Guarded(() => malloc_trim(0));
        }
    }

    private static void Set(int mapThreshold, int trimThreshold)
    {
        if (OperatingSystem.IsLinux())
        {
            Guarded(() =>
            {
                mallopt(Option.MmapThreshold, mapThreshold);
                mallopt(Option.TrimThreshold, trimThreshold);
                mallopt(Option.ArenaMax, 1);
            });
        }
    }

    private static void Guarded(Action call)
    {
        try
        {
            call();
        }
        catch (EntryPointNotFoundException)
        {
            // musl has neither; its allocator stays as it is.
        }
    }

    private enum Option
    {
        TrimThreshold = -1,
        MmapThreshold = -3,
        ArenaMax = -8,
    }

    [LibraryImport("libc")]
    private static partial int mallopt(Option option, int value);

    [LibraryImport("libc")]
    private static partial int malloc_trim(nuint pad);
}
