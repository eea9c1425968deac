using Sightline.Augment;
using Sightline.Data;

namespace Sightline.Inference;

/// <summary>The pictures of another source, seen in one view: already resized and cropped to the input's size.</summary>
internal sealed class ViewImages(IImageSource images, Preprocessing preprocessing, ImageView view) : IImageSource
{
    private readonly ThreadLocal<Resampler> _resampler = new(() => new Resampler());

    /// <summary>The preprocessing that goes with these pictures: it has nothing left to resize or crop.</summary>
    public Preprocessing Preprocessing { get; } = preprocessing with { ResizeSize = preprocessing.CropSize };

    public int Count => images.Count;

    // Where the evaluation transform crops nothing away, corners would be the centre: the ratio of 256 to 224 is then used.
    private int ShortSide => view.IsResizedLarger && preprocessing.ResizeSize == preprocessing.CropSize
        ? (int)Math.Round(preprocessing.CropSize * 8.0 / 7)
        : preprocessing.ResizeSize;

    public string Name(int index) => images.Name(index);

    public PixelImage Decode(int index, int shortSide)
    {
        var size = preprocessing.CropSize;
        var picture = images.Decode(index, ShortSide);
        var (width, height) = SampleTransform.ResizedSize(picture.Width, picture.Height, ShortSide);
        var part = new Box((int)Math.Round((width - size) * view.X), (int)Math.Round((height - size) * view.Y), size, size);
        var pixels = new byte[size * size * 3];
        _resampler.Value!.Resize( // The factory gives one.
            picture.Pixels, picture.Width * 3, new Box(0, 0, picture.Width, picture.Height), width, height, part, preprocessing.Interpolation, pixels);
        if (view.IsMirrored)
        {
            RandomCrops.Mirror(pixels, size, size);
        }

        return new PixelImage(pixels, size, size);
    }
}
