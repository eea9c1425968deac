using System.Runtime.InteropServices;

namespace Sightline.Native;

/// <summary>Tells which errors say that memory ran out, so that the same work in smaller parts may succeed.</summary>
/// <remarks>LibTorch has one type for all errors, and TorchSharp hands it on as an <see cref="ExternalException"/>; only the words differ.</remarks>
internal static class OutOfMemory
{
    // c10/core/impl/alloc_cpu.cpp ("DefaultCPUAllocator: can't allocate memory", on Windows "not enough memory"), c10/cuda/CUDACachingAllocator.cpp,
    // ATen/cudnn (no room for a convolution's work space), operator new and oneDNN, whose primitives report it so.
    private static readonly string[] Words =
    [
        "can't allocate memory", "not enough memory", "out of memory", "CUDNN_STATUS_NOT_SUPPORTED", "CUDNN_STATUS_ALLOC_FAILED", "std::bad_alloc",
        "could not create a primitive", "could not execute a primitive", "could not create a memory object",
    ];

    /// <summary>Whether an error says so. An illegal access, whatever else it says, spoils the process and is never one to try again after.</summary>
    public static bool Is(Exception error) => error is OutOfMemoryException
        || (error is ExternalException && !error.Message.Contains("illegal", StringComparison.OrdinalIgnoreCase)
            && Words.Any(word => error.Message.Contains(word, StringComparison.OrdinalIgnoreCase)));
}
