using Sightline.Curation.Pictures;
using Sightline.Data;

namespace Sightline.Curation.Duplicates;

/// <summary>
/// Decides whether pictures whose hashes are 5 to 10 bits apart are near duplicates: by the mean difference of their colours at 32 x 32. One per
/// thread: it keeps its buffers.
/// </summary>
/// <param name="isStrict">Whether hashes alone never decide, and colours must be nearer.</param>
internal sealed class SecondCheck(IImageSource images, IReadOnlyList<PictureFacts?> facts, bool isStrict)
{
    /// <summary>Most bits at which hashes alone decide. Measured on CIFAR-10, all of 48 pairs looked at were real.</summary>
    public const int CertainDistance = 4;

    /// <summary>Most bits at which pictures are compared at all.</summary>
    public const int MaximumDistance = 10;

    /// <summary>
    /// Largest mean difference of red, green and blue at 32 x 32, in levels of 255. Measured on clothing photos: copies saved as JPEG of quality 10 differ by 4,
    /// copies cropped to 97 % by 6.4 (median), 9 of 10 by at most 9.7; the nearest pair of different photos at 5 to 10 bits, of 7 million pairs, by 9.7.
    /// </summary>
    public const double ColourLimit = 8;

    /// <summary>
    /// The limit where hashes alone never decide. Measured as above: of copies saved as JPEG of quality 10, or blurred by 4 pixels, 99 of 100 differ by at
    /// most 4.7; copies made lighter or darker are not found any more.
    /// </summary>
    public const double StrictColourLimit = 5;

    // The 8 x 8 means differ by at most as much as the thumbnails, but for rounding of half a level each.
    private const double Rounding = 1;

    private const int Kept = 1024;

    private readonly Resampler _resampler = new();
    private readonly PixelBuffer _picture = new();
    private readonly Dictionary<int, byte[]> _thumbnails = [];

    /// <summary>The edge between two pictures that are near by hash, or null where they are not near by colour.</summary>
    /// <param name="turned">The picture whose turned copy has the near hash.</param>
    /// <param name="other">The picture that it is near to.</param>
    public DuplicateEdge? Judge(int turned, int other, int distance, PictureTurn turn)
    {
        var (first, second) = (Math.Min(turned, other), Math.Max(turned, other));
        if (facts[turned] is not { } a || facts[other] is not { } b)
        {
            return null;
        }

        var coarse = Miniature.Difference(a.Miniature, b.Miniature, turn);
        if (distance <= CertainDistance && !isStrict)
        {
            return new DuplicateEdge(first, second, distance, turn, coarse);
        }

        var limit = isStrict ? StrictColourLimit : ColourLimit;
        if (coarse > limit + Rounding || Thumbnail(turned) is not { } turnedThumbnail || Thumbnail(other) is not { } otherThumbnail)
        {
            return null;
        }

        var fine = Miniature.Difference(turnedThumbnail, otherThumbnail, turn);
        return fine <= limit ? new DuplicateEdge(first, second, distance, turn, fine) : null;
    }

    // Null for a picture that can no longer be read.
    private byte[]? Thumbnail(int index)
    {
        if (_thumbnails.TryGetValue(index, out var thumbnail))
        {
            return thumbnail;
        }

        if (_thumbnails.Count >= Kept)
        {
            _thumbnails.Clear();
        }

        try
        {
            _picture.CopyFrom(images.Decode(index, 0));
        }
        catch (DataException)
        {
            return null;
        }

        thumbnail = new byte[Miniature.Side * Miniature.Side * 3];
        Miniature.Shrink(_resampler, _picture.Pixels.AsSpan(0, _picture.Length), _picture.Width, _picture.Height, thumbnail);
        _thumbnails[index] = thumbnail;
        return thumbnail;
    }
}
