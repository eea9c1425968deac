using System.Buffers.Binary;
using System.IO.Compression;

namespace Sightline.Data;

/// <summary>An array in the IDX format of the MNIST files: two zero bytes, element type, number of dimensions, sizes (big-endian), elements.</summary>
/// <remarks>Only unsigned bytes (type 0x08) are read; LeCun, Cortes, Burges, "The MNIST database", section "the IDX file format".</remarks>
internal sealed class IdxFile
{
    private const int UnsignedByte = 0x08;

    private IdxFile(string path, int[] dimensions, byte[] elements)
    {
        Path = path;
        Dimensions = dimensions;
        Elements = elements;
    }

    public string Path { get; }

    public int[] Dimensions { get; }

    public byte[] Elements { get; }

    /// <summary>Reads a file, decompressing it where its name ends in <c>.gz</c>.</summary>
    /// <param name="path">The file.</param>
    /// <param name="dimensionCount">What is expected: 3 for pictures, 1 for labels.</param>
    /// <param name="maximumBytes">Bound on the elements, checked against the header before anything is allocated.</param>
    /// <exception cref="DataException">The header or the length is wrong, or the file cannot be read.</exception>
    public static IdxFile Read(string path, int dimensionCount, long maximumBytes)
    {
        try
        {
            using var file = File.OpenRead(path);
            using Stream stream = path.EndsWith(".gz", StringComparison.OrdinalIgnoreCase)
                ? new GZipStream(file, CompressionMode.Decompress)
                : new BufferedStream(file, 1 << 16);
            return Read(path, stream, dimensionCount, maximumBytes);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or InvalidDataException)
        {
            throw new DataException($"'{path}' could not be read: {error.Message} Fetch the file again, or give it read permission.", error);
        }
    }

    private static IdxFile Read(string path, Stream stream, int dimensionCount, long maximumBytes)
    {
        var header = new byte[4 + (dimensionCount * 4)];
        var read = stream.ReadAtLeast(header, header.Length, throwOnEndOfStream: false);
        if (read < 4 || header[0] != 0 || header[1] != 0 || header[2] != UnsignedByte || header[3] != dimensionCount)
        {
            throw new DataException(
                $"'{path}' begins with the bytes {Convert.ToHexString(header, 0, Math.Min(read, 4))}; an IDX file of unsigned bytes with {dimensionCount} " +
                $"dimensions begins with 0000080{dimensionCount}. Check that it is the right file and not another format.");
        }

        if (read < header.Length)
        {
            throw new DataException($"'{path}' ends after {read} bytes; an IDX header of {dimensionCount} dimensions has {header.Length}. Fetch the file again.");
        }

        var dimensions = new int[dimensionCount];
        long length = 1;
        for (var i = 0; i < dimensionCount; i++)
        {
            var size = BinaryPrimitives.ReadUInt32BigEndian(header.AsSpan(4 + (i * 4)));
            length = size > int.MaxValue ? long.MaxValue : length > maximumBytes ? length : length * size;
            dimensions[i] = (int)Math.Min(size, int.MaxValue);
        }

        if (length > maximumBytes)
        {
            throw new DataException(
                $"'{path}' says that it holds {string.Join(" x ", dimensions)} bytes; at most {maximumBytes:N0} are read. Check the file's header.");
        }

        return new IdxFile(path, dimensions, ReadElements(path, stream, (int)length));
    }

    private static byte[] ReadElements(string path, Stream stream, int length)
    {
        var elements = GC.AllocateUninitializedArray<byte>(length);
        var read = stream.ReadAtLeast(elements, length, throwOnEndOfStream: false);
        if (read < length)
        {
            throw new DataException($"'{path}' holds {read} elements; its header promises {length}. The file is cut short: fetch it again.");
        }

        if (stream.ReadByte() >= 0)
        {
            throw new DataException($"'{path}' goes on after the {length} elements that its header promises. Fetch the file again.");
        }

        return elements;
    }
}
