using Sightline.Data;

namespace Sightline.Evaluation.Audit;

/// <summary>Makes a change to a prepared picture in place.</summary>
internal delegate void PictureChange(Span<byte> square, int size, ref RandomStream random);

/// <summary>Prepared pictures with one change each, which follows from seed and picture.</summary>
/// <param name="squares">size x size x 3 bytes each.</param>
/// <param name="names">Their names.</param>
/// <param name="size">Side, pixels.</param>
/// <param name="seed">Of the changes.</param>
/// <param name="change">Makes a change for one thread.</param>
internal sealed class ChangedImages(IReadOnlyList<byte[]> squares, IReadOnlyList<string> names, int size, long seed, Func<PictureChange> change) : IBufferedImageSource
{
    private readonly ThreadLocal<PictureChange> _change = new(change);

    public int Count => squares.Count;

    public string Name(int index) => names[index];

    public PixelImage Decode(int index, int shortSide)
    {
        var buffer = new PixelBuffer();
        DecodeInto(index, shortSide, buffer);
        return buffer.ToImage();
    }

    public void DecodeInto(int index, int shortSide, PixelBuffer target)
    {
        target.Resize(size, size);
        var pixels = target.Pixels.AsSpan(0, target.Length);
        squares[index].CopyTo(pixels);
        var random = new RandomStream(Seeds.Mix(seed, index));
        _change.Value!(pixels, size, ref random); // The factory gives one.
    }
}
