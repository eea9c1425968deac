namespace Sightline.Inference;

/// <summary>One vector per picture: what a model's last linear layer gets.</summary>
public sealed class EmbeddingMatrix
{
    // Rows to a block of memory; no array then comes near .NET's limit of 2^31 elements.
    private const int BlockRows = 4096;

    private readonly float[][] _blocks;

    /// <summary>A matrix of zeros.</summary>
    /// <param name="count">Rows, N; at least 1.</param>
    /// <param name="dimensions">Columns, D; at least 1.</param>
    /// <exception cref="SightlineException">The matrix would take more than half of the memory that the process may use.</exception>
    public EmbeddingMatrix(int count, int dimensions)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(dimensions, 1);
        var (bytes, available) = ((long)count * dimensions * sizeof(float), GC.GetGCMemoryInfo().TotalAvailableMemoryBytes);
        if (bytes > available / 2)
        {
            throw new SightlineException(
                ExitCode.OutOfMemory,
                $"The embeddings of {count} pictures with {dimensions} numbers each take {bytes >> 20} MiB; at most half of the " +
                $"{available >> 20} MiB of memory is used for them. Take a model with a narrower last layer, or check a part of the data set.");
        }

        Count = count;
        Dimensions = dimensions;
        _blocks = new float[(count + BlockRows - 1) / BlockRows][];
        for (var block = 0; block < _blocks.Length; block++)
        {
            _blocks[block] = new float[Math.Min(BlockRows, count - (block * BlockRows)) * dimensions];
        }
    }

    /// <summary>Rows, N.</summary>
    public int Count { get; }

    /// <summary>Columns, D.</summary>
    public int Dimensions { get; }

    /// <summary>One picture's vector, [D]; writing to it changes the matrix.</summary>
    /// <param name="index">0 to <see cref="Count"/> - 1.</param>
    public Span<float> Row(int index) => _blocks[index / BlockRows].AsSpan(index % BlockRows * Dimensions, Dimensions);

    /// <summary>Copies rows one after another.</summary>
    internal float[] Copy(int first, int count)
    {
        var copy = new float[count * Dimensions];
        for (var i = 0; i < count; i++)
        {
            Row(first + i).CopyTo(copy.AsSpan(i * Dimensions));
        }

        return copy;
    }

    /// <summary>Scales each row to length 1, so that products are cosines; a row of zeros stays.</summary>
    internal void Normalize()
    {
        for (var i = 0; i < Count; i++)
        {
            var row = Row(i);
            var sum = 0.0;
            foreach (var value in row)
            {
                sum += (double)value * value;
            }

            var scale = sum > 0 ? (float)(1 / Math.Sqrt(sum)) : 0;
            foreach (ref var value in row)
            {
                value *= scale;
            }
        }
    }
}
