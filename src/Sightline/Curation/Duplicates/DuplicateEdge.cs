using Sightline.Curation.Pictures;

namespace Sightline.Curation.Duplicates;

/// <summary>Two pictures that are nearly the same.</summary>
/// <param name="First">The smaller index.</param>
/// <param name="Second">The larger index.</param>
/// <param name="Distance">Bits of the perceptual hash that differ, 0 to 10.</param>
/// <param name="Turn">How one must be mirrored or turned to match the other.</param>
/// <param name="ColourDifference">Of the second check, in levels of 255; null where it was not needed.</param>
internal readonly record struct DuplicateEdge(int First, int Second, int Distance, PictureTurn Turn, double? ColourDifference) : IComparable<DuplicateEdge>
{
    /// <summary>Nearest first; the rest of the order is arbitrary but total, so that results do not depend on threads.</summary>
    public int CompareTo(DuplicateEdge other) => (Distance, First, Second, (int)Turn).CompareTo((other.Distance, other.First, other.Second, (int)other.Turn));

    /// <summary>The other end.</summary>
    public int Other(int picture) => picture == First ? Second : First;
}
