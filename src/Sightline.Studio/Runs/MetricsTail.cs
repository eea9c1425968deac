using System.Buffers;

namespace Sightline.Studio.Runs;

/// <summary>Told about each complete line; the bytes are those of the line without its end.</summary>
/// <param name="line">The line.</param>
/// <param name="end">Offset of the byte after it in the file.</param>
internal delegate void LineHandler(ReadOnlySpan<byte> line, long end);

/// <summary>Reads what was appended to <c>metrics.jsonl</c> since the last time; a last line without its end waits.</summary>
internal sealed class MetricsTail(string path)
{
    private const int ChunkBytes = 1 << 20;
    private const int MarkBytes = 256;

    private byte[] _mark = [];

    /// <summary>Bytes read so far, all complete lines.</summary>
    public long Offset { get; private set; }

    /// <summary>Begins at an offset that an earlier reader gave, such as the number of a server-sent event.</summary>
    public void StartAt(long offset)
    {
        Offset = offset;
        _mark = [];
    }

    /// <summary>Reads on.</summary>
    /// <param name="handler">Told about each line.</param>
    /// <param name="most">Stops after about so many bytes.</param>
    /// <returns>False where the file is not the one that was read (a resumed run drops what came after its checkpoint): begin anew.</returns>
    public bool Read(LineHandler handler, long most = long.MaxValue)
    {
        if (!File.Exists(path))
        {
            return Offset == 0;
        }

        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
        if (file.Length < Offset || !IsSame(file))
        {
            return false;
        }

        if (file.Length == Offset)
        {
            return true;
        }

        file.Position = Offset;
        var from = Offset;
        var buffer = ArrayPool<byte>.Shared.Rent(ChunkBytes);
        try
        {
            var held = 0;
            for (int read; Offset - from < most && (read = file.Read(buffer, held, buffer.Length - held)) > 0;)
            {
                held = Take(buffer, held + read, handler);
                if (held == buffer.Length)
                {
                    var larger = ArrayPool<byte>.Shared.Rent(buffer.Length * 2); // A line of many layers.
                    buffer.CopyTo(larger, 0);
                    ArrayPool<byte>.Shared.Return(buffer);
                    buffer = larger;
                }
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }

        return true;
    }

    // Hands on the complete lines and moves the rest to the front.
    private int Take(byte[] buffer, int filled, LineHandler handler)
    {
        var start = 0;
        for (int length; (length = buffer.AsSpan(start, filled - start).IndexOf((byte)'\n')) >= 0; start += length + 1)
        {
            Offset += length + 1;
            handler(buffer.AsSpan(start, length), Offset);
        }

        if (start > 0)
        {
            _mark = buffer.AsSpan(Math.Max(0, start - MarkBytes), Math.Min(start, MarkBytes)).ToArray();
        }

        buffer.AsSpan(start, filled - start).CopyTo(buffer);
        return filled - start;
    }

    // Whether the last bytes that were read are still there.
    private bool IsSame(FileStream file)
    {
        Span<byte> seen = stackalloc byte[MarkBytes];
        seen = seen[.._mark.Length];
        return _mark.Length == 0 || (RandomAccess.Read(file.SafeFileHandle, seen, Offset - _mark.Length) == _mark.Length && seen.SequenceEqual(_mark));
    }
}
