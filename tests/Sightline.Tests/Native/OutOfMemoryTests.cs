using System.Runtime.InteropServices;
using Sightline.Native;
using TorchSharp;
using Xunit;

namespace Sightline.Tests.Native;

public sealed class OutOfMemoryTests
{
    // The words of PyTorch 2.10's c10/core/impl/alloc_cpu.cpp and c10/cuda/CUDACachingAllocator.cpp.
    [Theory]
    [InlineData("[enforce fail at alloc_cpu.cpp:128] err == 0. DefaultCPUAllocator: can't allocate memory: you tried to allocate 4000 bytes.", true)]
    [InlineData("DefaultCPUAllocator: not enough memory: you tried to allocate 4000 bytes.", true)]
    [InlineData("CUDA out of memory. Tried to allocate 2.00 GiB.", true)]
    [InlineData("cuDNN error: CUDNN_STATUS_NOT_SUPPORTED.", true)]
    [InlineData("std::bad_alloc", true)]
    [InlineData("could not create a primitive", true)]
    [InlineData("CUDA error: an illegal memory access was encountered; out of memory may follow", false)]
    [InlineData("The size of tensor a (3) must match the size of tensor b (4)", false)]
    public void Errors_of_LibTorch_are_told_by_their_words(string message, bool expected) =>
        Assert.Equal(expected, OutOfMemory.Is(new ExternalException(message)));

    [Fact]
    public void Other_kinds_of_errors_are_told_by_their_type()
    {
        Assert.True(OutOfMemory.Is(new OutOfMemoryException()));
        Assert.False(OutOfMemory.Is(new InvalidOperationException("out of memory")));
    }

    [Fact]
    public void What_LibTorch_really_says_is_recognised()
    {
        NativeRuntime.EnsureLoaded();

        var error = Assert.Throws<ExternalException>(() => torch.empty(1L << 60));

        Assert.True(OutOfMemory.Is(error), error.Message);
    }
}
