using System.Collections.Concurrent;
using Microsoft.Win32.SafeHandles;

namespace Sightline.Data.Store;

/// <summary>The pictures of a stored version: files where they lie, or parts of a pack. Each thread decodes with buffers of its own.</summary>
internal sealed class StoredImages(string home, IReadOnlyList<StoredImage> images) : IBufferedImageSource, IContentSource
{
    private readonly ThreadLocal<Worker> _worker = new(() => new Worker());
    private readonly ConcurrentDictionary<string, Lazy<SafeFileHandle>> _packs = new(StringComparer.Ordinal);

    public int Count => images.Count;

    public string Name(int index) => images[index].Name;

    public PixelImage Decode(int index, int shortSide)
    {
        var buffer = new PixelBuffer();
        DecodeInto(index, shortSide, buffer);
        return buffer.ToImage();
    }

    public void DecodeInto(int index, int shortSide, PixelBuffer target)
    {
        var image = images[index];
        var worker = _worker.Value!; // The factory gives one.
        if (image.Offset is null)
        {
            worker.Decoder.Decode(image.File, shortSide, target);
            return;
        }

        var content = Read(image, worker);
        try
        {
            worker.Decoder.Decode(content, shortSide, target);
        }
        catch (ImageFormatException error)
        {
            throw new DataException($"'{image.Name}' in '{Path.Combine(home, image.File)}' {error.Message}.", error);
        }
    }

    /// <summary>The picture file's bytes.</summary>
    public byte[] ReadBytes(int index) =>
        images[index].Offset is null ? File.ReadAllBytes(images[index].File) : Read(images[index], _worker.Value!).ToArray(); // As above.

    public string? ContentKey(int index) => images[index].Sha256;

    public int ReadHeader(int index, Span<byte> target)
    {
        var image = images[index];
        using var handle = File.OpenHandle(Path.Combine(home, image.File));
        return RandomAccess.Read(handle, target[..(int)Math.Min(target.Length, image.Bytes)], image.Offset ?? 0);
    }

    private ReadOnlySpan<byte> Read(StoredImage image, Worker worker)
    {
        var path = Path.Combine(home, image.File);
        try
        {
            var handle = _packs.GetOrAdd(path, key => new Lazy<SafeFileHandle>(() => File.OpenHandle(key, options: FileOptions.RandomAccess))).Value;
            var buffer = worker.Buffer(checked((int)image.Bytes));
            for (var read = 0; read < buffer.Length;)
            {
                var count = RandomAccess.Read(handle, buffer[read..], image.Offset!.Value + read); // Only pictures with an offset come here.
                read += count > 0 ? count : throw new DataException($"'{path}' is cut short: '{image.Name}' lies beyond its end. Restore the file, or import the data set again.");
            }

            return buffer;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new DataException($"'{path}' cannot be read: {error.Message}", error);
        }
    }

    private sealed class Worker
    {
        private byte[] _bytes = [];

        public ImageDecoder Decoder { get; } = new();

        public Span<byte> Buffer(int length)
        {
            if (_bytes.Length < length)
            {
                _bytes = GC.AllocateUninitializedArray<byte>(length + (length / 4));
            }

            return _bytes.AsSpan(0, length);
        }
    }
}
