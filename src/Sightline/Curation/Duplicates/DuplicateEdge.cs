using Sightline.Curation.Pictures;

namespace Sightline.Curation.Duplicates;

/// <summary>Two pictures that are nearly the same.</summary>
/// <param name="First">The smaller index.</param>
/// <param name="Second">The larger index.</param>
/// <param name="Distance">Bits of the perceptual hash that differ, 0 to 10.</param>
/// <param name="Turn">How one must be mirrored or turned to match the other.</param>
/// <param name="ColourDifference">Mean difference of their colours, in levels of 255; at 32 x 32 where that decided, else at 8 x 8.</param>
internal readonly record struct DuplicateEdge(int First, int Second, int Distance, PictureTurn Turn, double ColourDifference) : IComparable<DuplicateEdge>
{
    // Of 9 pairs of clothing photos within 4 bits, the one that was real differs by 0, the 8 that only have the same outline by 24 to 58. Copies that were made
    // lighter by a fifth differ by 24 too, so such pairs are not dropped.
    private const double DoubtfulDifference = 20;

    /// <summary>Whether the colours differ so much that it may be another thing of the same outline; a finding then counts one degree less.</summary>
    public bool IsDoubtful => ColourDifference > DoubtfulDifference;

    /// <summary>Nearest first; the rest of the order is arbitrary but total, so that results do not depend on threads.</summary>
    public int CompareTo(DuplicateEdge other) => (Distance, First, Second, (int)Turn).CompareTo((other.Distance, other.First, other.Second, (int)other.Turn));

    /// <summary>The other end.</summary>
    public int Other(int picture) => picture == First ? Second : First;
}
