namespace Sightline.Data;

/// <summary>Pictures in files. Each thread decodes with buffers of its own.</summary>
internal sealed class FileImages(string root, IReadOnlyList<string> names, IReadOnlyList<string>? contents = null) : IBufferedImageSource, IContentSource
{
    private readonly ThreadLocal<ImageDecoder> _decoder = new(() => new ImageDecoder());

    public int Count => names.Count;

    public string Name(int index) => names[index];

    public PixelImage Decode(int index, int shortSide)
    {
        var buffer = new PixelBuffer();
        DecodeInto(index, shortSide, buffer);
        return buffer.ToImage();
    }

    public void DecodeInto(int index, int shortSide, PixelBuffer target)
    {
        var decoder = _decoder.Value!; // The factory gives one.
        decoder.Decode(Path.Combine(root, names[index]), shortSide, target);
    }

    public string? ContentKey(int index) => contents?[index] is { Length: > 0 } key ? key : null;

    public int ReadHeader(int index, Span<byte> target)
    {
        using var handle = File.OpenHandle(Path.Combine(root, names[index]));
        return RandomAccess.Read(handle, target, 0);
    }
}
