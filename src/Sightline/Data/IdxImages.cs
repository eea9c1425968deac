namespace Sightline.Data;

/// <summary>Grey pictures of equal size from IDX files, in memory; the grey value is given as R, G and B.</summary>
internal sealed class IdxImages : IBufferedImageSource
{
    private readonly IReadOnlyList<(string Split, IdxFile File)> _parts;

    public IdxImages(IReadOnlyList<(string Split, IdxFile File)> parts)
    {
        _parts = parts;
        Count = parts.Sum(part => part.File.Dimensions[0]);
    }

    public int Count { get; }

    public string Name(int index)
    {
        var (split, _, at) = Find(index);
        return $"{split}/{at:D5}";
    }

    public PixelImage Decode(int index, int shortSide)
    {
        var buffer = new PixelBuffer();
        DecodeInto(index, shortSide, buffer);
        return buffer.ToImage();
    }

    public void DecodeInto(int index, int shortSide, PixelBuffer target)
    {
        var (_, file, at) = Find(index);
        var (height, width) = (file.Dimensions[1], file.Dimensions[2]);
        var grey = file.Elements.AsSpan(at * height * width, height * width);
        target.Resize(width, height);
        var rgb = target.Pixels;
        for (var i = 0; i < grey.Length; i++)
        {
            rgb[i * 3] = rgb[(i * 3) + 1] = rgb[(i * 3) + 2] = grey[i];
        }
    }

    private (string Split, IdxFile File, int At) Find(int index)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(index);
        var at = index;
        foreach (var (split, file) in _parts)
        {
            if (at < file.Dimensions[0])
            {
                return (split, file, at);
            }

            at -= file.Dimensions[0];
        }

        throw new ArgumentOutOfRangeException(nameof(index), index, $"There are {Count} pictures.");
    }
}
