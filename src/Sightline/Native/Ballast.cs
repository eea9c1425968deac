using System.Runtime.InteropServices;

namespace Sightline.Native;

/// <summary>Address space set aside under a process limit, given up piece by piece when an allocation fails.</summary>
/// <remarks>
/// An allocation of LibTorch that fails can be caught. What oneDNN or the runtime ask for on the way to the next attempt, compiled kernels for
/// another batch size for one, cannot: their errors cross native frames that do not know them, which ends the process. The pages are never
/// touched, so they cost no memory, only a share of the limit.
/// </remarks>
internal sealed partial class Ballast : IDisposable
{
    private const nuint PieceBytes = 48 << 20;
    private const int Pieces = 4;
    private const int ReadWrite = 3; // Private and writable is what RLIMIT_DATA counts (Linux: setrlimit(2)).
    private const int PrivateAnonymous = 0x22;

    private readonly Stack<nint> _pieces = new();

    /// <summary>Sets the pieces aside where a process limit is in force.</summary>
    public static Ballast? Take()
    {
        if (!OperatingSystem.IsLinux() || !MemoryLimit.HasProcessLimit())
        {
            return null;
        }

        var ballast = new Ballast();
        for (var i = 0; i < Pieces; i++)
        {
            var piece = mmap(0, PieceBytes, ReadWrite, PrivateAnonymous, -1, 0);
            if (piece == -1)
            {
                break;
            }

            ballast._pieces.Push(piece);
        }

        return ballast;
    }

    /// <summary>Gives up one piece.</summary>
    public void Release()
    {
        if (_pieces.TryPop(out var piece))
        {
            munmap(piece, PieceBytes);
        }
    }

    public void Dispose()
    {
        while (_pieces.Count > 0)
        {
            Release();
        }
    }

    [LibraryImport("libc")]
    private static partial nint mmap(nint address, nuint length, int protection, int flags, int file, long offset);

    [LibraryImport("libc")]
    private static partial int munmap(nint address, nuint length);
}
