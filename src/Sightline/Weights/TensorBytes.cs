using static TorchSharp.torch;

namespace Sightline.Weights;

/// <summary>Little-endian raw bytes to and from tensors.</summary>
internal static class TensorBytes
{
    private const int ChunkBytes = 1 << 20;

    /// <summary>Reads a tensor's values.</summary>
    /// <param name="stream">Stands at the first value.</param>
    /// <param name="shape">Sides, none negative.</param>
    /// <param name="type">Element type.</param>
    /// <param name="bytes">Length in bytes; already known to be the shape's.</param>
    /// <exception cref="EndOfStreamException">The stream ends early.</exception>
    public static Tensor Read(Stream stream, long[] shape, ScalarType type, long bytes)
    {
        var tensor = empty(shape, type);
        try
        {
            if (bytes > 0)
            {
                stream.ReadExactly(tensor.bytes);
            }

            return tensor;
        }
        catch
        {
            tensor.Dispose();
            throw;
        }
    }

    /// <summary>Writes a tensor's values in row-major order, whatever its strides and device.</summary>
    public static void Write(Stream stream, Tensor tensor)
    {
        using var scope = NewDisposeScope();
        var bytes = tensor.detach().cpu().contiguous().bytes;
        for (var done = 0; done < bytes.Length; done += ChunkBytes)
        {
            stream.Write(bytes.Slice(done, Math.Min(ChunkBytes, bytes.Length - done)));
        }
    }

    /// <summary>Elements of a shape; null where a side is negative or the product leaves 63 bits.</summary>
    public static long? Count(IReadOnlyList<long> shape)
    {
        var count = 1L;
        foreach (var side in shape)
        {
            if (side < 0 || (side > 0 && count > long.MaxValue / side))
            {
                return null;
            }

            count *= side;
        }

        return count;
    }
}
