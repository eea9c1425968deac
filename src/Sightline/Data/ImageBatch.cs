namespace Sightline.Data;

/// <summary>A batch of pictures ready for the model, all but normalisation. Dispose it when its bytes have been used.</summary>
public sealed class ImageBatch : IDisposable
{
    private BufferPool? _pool;

    internal ImageBatch(BufferPool pool, byte[] pixels, int size, long[] labels, int[] indices)
    {
        _pool = pool;
        Pixels = pixels;
        Size = size;
        Labels = labels;
        Indices = indices;
    }

    /// <summary>uint8 [N,S,S,3], R G B, rows top to bottom; exactly N x S x S x 3 bytes. Not to be used after <see cref="Dispose"/>.</summary>
    public byte[] Pixels { get; private set; }

    /// <summary>Pictures in the batch, N.</summary>
    public int Count => Labels.Length;

    /// <summary>Side of each picture in pixels, S.</summary>
    public int Size { get; }

    /// <summary>The N labels.</summary>
    public long[] Labels { get; }

    /// <summary>The N numbers of the pictures in their <see cref="IImageSource"/>.</summary>
    public int[] Indices { get; }

    /// <summary>Gives the bytes back to the loader, which fills them anew.</summary>
    public void Dispose()
    {
        Interlocked.Exchange(ref _pool, null)?.Return(Pixels);
        Pixels = [];
    }
}

/// <summary>Byte arrays of exact lengths, used again. A loader needs two lengths at most: whole batches and the last one.</summary>
internal sealed class BufferPool
{
    private readonly Lock _gate = new();
    private readonly Dictionary<int, Stack<byte[]>> _free = [];

    public byte[] Rent(int length)
    {
        lock (_gate)
        {
            if (_free.TryGetValue(length, out var stack) && stack.TryPop(out var buffer))
            {
                return buffer;
            }
        }

        return GC.AllocateUninitializedArray<byte>(length);
    }

    public void Return(byte[] buffer)
    {
        lock (_gate)
        {
            if (!_free.TryGetValue(buffer.Length, out var stack))
            {
                _free.Add(buffer.Length, stack = new Stack<byte[]>());
            }

            stack.Push(buffer);
        }
    }
}
