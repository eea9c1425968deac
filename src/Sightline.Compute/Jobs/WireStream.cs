using System.Security.Cryptography;

namespace Sightline.Compute.Jobs;

/// <summary>Passes on what comes after an offset, and hashes all of it: how an upload goes on where it broke off.</summary>
/// <param name="target">Gets the bytes after the offset.</param>
/// <param name="offset">Bytes that the other side has already.</param>
/// <param name="sent">Told how far the stream is.</param>
internal sealed class WireStream(Stream target, long offset, Action<long> sent) : Stream
{
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private long _position;

    public override bool CanRead => false;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => _position;

    public override long Position { get => _position; set => throw new NotSupportedException(); }

    /// <summary>SHA-256 of all bytes so far, lower-case hexadecimal; once.</summary>
    public string Sha256() => Convert.ToHexStringLower(_hash.GetHashAndReset());

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        target.Write(buffer[Take(buffer)..]);
        sent(_position);
    }

    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var skipped = Take(buffer.Span);
        if (skipped < buffer.Length)
        {
            await target.WriteAsync(buffer[skipped..], cancellationToken).ConfigureAwait(false);
        }

        sent(_position);
    }

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override void Flush() => target.Flush();

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        _hash.Dispose();
        base.Dispose(disposing);
    }

    // How many of the bytes the other side has.
    private int Take(ReadOnlySpan<byte> buffer)
    {
        _hash.AppendData(buffer);
        var skipped = (int)Math.Clamp(offset - _position, 0, buffer.Length);
        _position += buffer.Length;
        return skipped;
    }
}
