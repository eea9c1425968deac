using Sightline.Augment;

namespace Sightline.Data;

/// <summary>
/// From a decoded picture to the S x S x 3 bytes of a batch. Two parts: one that is the same in every epoch and may be kept
/// (Prepare), one that is random (Finish). One per thread: it keeps its buffers.
/// </summary>
internal sealed class SampleTransform(Preprocessing preprocessing, AugmentOptions? augment)
{
    private readonly Resampler _resampler = new();
    private readonly int _size = preprocessing.CropSize;
    private readonly AugmentOptions? _augment = augment?.For(preprocessing.CropSize);
    private readonly PolicyTransform? _policy = augment is null ? null : new PolicyTransform(augment, preprocessing.CropSize, preprocessing.Mean);
    private readonly bool _resizedCrop = CropsResized(augment?.For(preprocessing.CropSize));

    /// <summary>The short side that a decoded picture must have at least, else pixels are lost that the result would show.</summary>
    public static int ShortSide(Preprocessing preprocessing, AugmentOptions? augment) =>
        augment?.For(preprocessing.CropSize) is { MinimumCropArea: { } area } options && CropsResized(options)
            // The side of the smallest square crop must still have the input's size.
            ? (int)Math.Ceiling(preprocessing.CropSize / Math.Sqrt(area))
            : preprocessing.ResizeSize;

    /// <summary>What was done to each picture, in words; null keeps no record.</summary>
    public List<string>? Trace
    {
        get => _policy?.Trace;
        set
        {
            if (_policy is not null)
            {
                _policy.Trace = value;
            }
        }
    }

    /// <summary>Whether <see cref="Prepare"/> resizes; where it does not, the decoded picture itself is what may be kept.</summary>
    public bool PreparesSquare => !_resizedCrop;

    /// <summary>Resizes the short side and crops the centre, with the rounding of torchvision's Resize and CenterCrop.</summary>
    /// <param name="pixels">The decoded picture.</param>
    /// <param name="width">Of the picture.</param>
    /// <param name="height">Of the picture.</param>
    /// <param name="target">S x S x 3 bytes.</param>
    public void Prepare(ReadOnlySpan<byte> pixels, int width, int height, Span<byte> target)
    {
        var (resizedWidth, resizedHeight) = ResizedSize(width, height, preprocessing.ResizeSize);
        var left = (int)Math.Round((resizedWidth - _size) / 2.0);
        var top = (int)Math.Round((resizedHeight - _size) / 2.0);
        _resampler.Resize(
            pixels, width * 3, new Box(0, 0, width, height), resizedWidth, resizedHeight, new Box(left, top, _size, _size),
            preprocessing.Interpolation, target);
    }

    /// <summary>The random part for a picture that <see cref="Prepare"/> has made square.</summary>
    public void Finish(ReadOnlySpan<byte> square, ref RandomStream random, Span<byte> target)
    {
        if (_augment is null)
        {
            square.CopyTo(target);
            return;
        }

        if (_augment.PadCrop is > 0 and var pad)
        {
            var dy = random.NextInt((2 * pad) + 1) - pad;
            var dx = random.NextInt((2 * pad) + 1) - pad;
            RandomCrops.Shift(square, _size, dx, dy, target);
        }
        else
        {
            square.CopyTo(target);
        }

        FlipAndChange(ref random, target);
    }

    /// <summary>The random part for a decoded picture: random resized crop, flip, policy.</summary>
    public void Finish(ReadOnlySpan<byte> pixels, int width, int height, ref RandomStream random, Span<byte> target)
    {
        var chosen = _augment ?? throw new InvalidOperationException("Without augmentation pictures are prepared first.");
        var crop = RandomCrops.Resized(width, height, chosen.MinimumCropArea ?? 1, chosen.CropAspect, ref random);
        _resampler.Resize(pixels, width * 3, crop, _size, _size, new Box(0, 0, _size, _size), preprocessing.Interpolation, target);
        FlipAndChange(ref random, target);
    }

    /// <summary>Width and height when the short side becomes <paramref name="shortSide"/>; the long side is cut, not rounded, as torchvision does.</summary>
    internal static (int Width, int Height) ResizedSize(int width, int height, int shortSide) => width <= height
        ? (shortSide, (int)((double)((long)shortSide * height) / width))
        : ((int)((double)((long)shortSide * width) / height), shortSide);

    // As its documentation says: a padded crop replaces the resized crop, and an area of 1 switches that off.
    private static bool CropsResized(AugmentOptions? options) => options is { PadCrop: 0, MinimumCropArea: < 1 };

    private void FlipAndChange(ref RandomStream random, Span<byte> target)
    {
        // The number is drawn either way, so that switching the flip does not move the other draws of later additions.
        var flip = random.NextDouble() < 0.5;
        if (flip && _augment is { HorizontalFlip: true })
        {
            RandomCrops.Mirror(target, _size, _size);
            Trace?.Add("mirrored");
        }

        _policy?.Apply(target, ref random);
    }
}
