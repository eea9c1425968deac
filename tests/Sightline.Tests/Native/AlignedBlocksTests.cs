using System.Runtime.InteropServices;
using Sightline.Native;
using Xunit;
using static TorchSharp.torch;

namespace Sightline.Tests.Native;

[Collection("Alone")]
public sealed unsafe class AlignedBlocksTests
{
    private const int InvalidArgument = 22; // EINVAL
    private const int NoMemory = 12; // ENOMEM

    public AlignedBlocksTests()
    {
        NativeRuntime.EnsureLoaded();
        Assert.SkipUnless(OperatingSystem.IsLinux() && RuntimeInformation.ProcessArchitecture == Architecture.X64, "The calls are led aside on Linux x64 only.");
    }

    [Fact]
    public void The_libraries_calls_are_led_aside() => Assert.True(AlignedBlocks.IsInstalled);

    // POSIX: the alignment is a power of two and a multiple of the size of a pointer.
    [Theory]
    [InlineData(8, 1)]
    [InlineData(64, 4095)]
    [InlineData(16, 4096)]
    [InlineData(64, 4096)]
    [InlineData(64, 1_000_001)]
    [InlineData(4096, 1_000_001)]
    public void A_block_is_aligned_as_asked_whole_and_can_be_freed(int alignment, int size)
    {
        for (var i = 0; i < 50; i++)
        {
            Assert.Equal(0, Ask(alignment, size, out var block));
            Assert.Equal(0, block % alignment);
            new Span<byte>((void*)block, size).Fill(0xAB);
            NativeMemory.Free((void*)block);
        }
    }

    [Fact]
    public void What_glibc_refuses_is_refused()
    {
        Assert.Equal(InvalidArgument, Ask(96, 8192, out _));
        Assert.Equal(NoMemory, Ask(64, long.MaxValue, out _));
        Assert.Equal(NoMemory, Ask(64, -40, out _)); // 2^64 - 40: rounding it up would wrap around.
        Assert.Equal(NoMemory, Ask(64, 1L << 45, out _));
    }

    // glibc alone gives the second set other places, behind or among the old ones: each of those is some bytes too small.
    [Fact]
    public void A_tensor_takes_the_place_of_one_that_had_its_shape()
    {
        Assert.SkipUnless(AlignedBlocks.IsInstalled, "The calls are not led aside here.");
        const int Count = 24;
        const int Values = 333_337;
        using var scope = NewDisposeScope();
        var tensors = Enumerable.Range(0, Count).Select(_ => empty(Values)).ToArray();
        var places = tensors.Where((_, i) => i % 2 == 1).Select(Place).ToHashSet();
        foreach (var tensor in tensors.Where((_, i) => i % 2 == 1))
        {
            tensor.Dispose();
        }

        var again = Enumerable.Range(0, Count / 2).Select(_ => empty(Values)).ToList();

        // Other threads of this process may take a place or two.
        Assert.True(again.Count(tensor => places.Contains(Place(tensor))) >= (Count / 2) - 2);
        Assert.All(again, tensor => Assert.Equal(0, Place(tensor) % 64));
    }

    private static nint Place(Tensor tensor)
    {
        fixed (byte* first = &MemoryMarshal.GetReference(tensor.bytes))
        {
            return (nint)first;
        }
    }

    private static int Ask(long alignment, long size, out nint block)
    {
        nint given = 0;
        var result = ((delegate* unmanaged<nint*, nint, nint, int>)AlignedBlocks.Function)(&given, (nint)alignment, (nint)size);
        block = given;
        return result;
    }
}
