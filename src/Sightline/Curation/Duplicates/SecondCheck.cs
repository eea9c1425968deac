using Sightline.Curation.Pictures;
using Sightline.Data;

namespace Sightline.Curation.Duplicates;

/// <summary>
/// Decides whether pictures whose hashes are 5 to 10 bits apart are near duplicates: by the mean difference of their colours at 32 x 32. One per
/// thread: it keeps its buffers.
/// </summary>
internal sealed class SecondCheck(IImageSource images, IReadOnlyList<PictureFacts?> facts)
{
    /// <summary>Most bits at which hashes alone decide. Measured on CIFAR-10, all of 48 pairs looked at were real.</summary>
    public const int CertainDistance = 4;

    /// <summary>Most bits at which pictures are compared at all.</summary>
    public const int MaximumDistance = 10;

    /// <summary>
    /// Largest mean difference of red, green and blue at 32 x 32, in levels of 255.
    /// </summary>
    public const double ColourLimit = 10;

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
        if (distance <= CertainDistance)
        {
            return new DuplicateEdge(first, second, distance, turn, null);
        }

        if (facts[turned] is not { } a || facts[other] is not { } b
            || Miniature.Difference(a.Miniature, b.Miniature, turn) > ColourLimit + Rounding
            || Thumbnail(turned) is not { } thumbnail
            || Thumbnail(other) is not { } second32)
        {
            return null;
        }

        var difference = Miniature.Difference(thumbnail, second32, turn);
        return difference <= ColourLimit ? new DuplicateEdge(first, second, distance, turn, difference) : null;
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
