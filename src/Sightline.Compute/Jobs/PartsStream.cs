namespace Sightline.Compute.Jobs;

/// <summary>Pieces of files, read one after the other as one stream.</summary>
/// <param name="parts">File, offset and length of each piece.</param>
internal sealed class PartsStream(IReadOnlyList<(string Path, long Offset, long Length)> parts) : Stream
{
    private FileStream? _current;
    private int _next;
    private long _left;
    private long _position;

    public override bool CanRead => true;

    // Only its length and position are known; that is what a writer of archives asks for.
    public override bool CanSeek => true;

    public override bool CanWrite => false;

    public override long Length { get; } = parts.Sum(part => part.Length);

    public override long Position { get => _position; set => throw new NotSupportedException(); }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override int Read(Span<byte> buffer)
    {
        while (_left == 0)
        {
            _current?.Dispose();
            _current = null;
            if (_next == parts.Count)
            {
                return 0;
            }

            var part = parts[_next++];
            _current = new FileStream(part.Path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, 1 << 16);
            _current.Seek(part.Offset, SeekOrigin.Begin);
            _left = part.Length;
        }

        var count = _current!.Read(buffer[..(int)Math.Min(buffer.Length, _left)]); // There is one where something is left.
        if (count == 0)
        {
            throw new EndOfStreamException($"'{_current.Name}' is shorter than it was.");
        }

        (_left, _position) = (_left - count, _position + count);
        return count;
    }

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) => ValueTask.FromResult(Read(buffer.Span));

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        _current?.Dispose();
        base.Dispose(disposing);
    }
}
