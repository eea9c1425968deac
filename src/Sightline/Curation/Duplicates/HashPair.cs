namespace Sightline.Curation.Duplicates;

/// <summary>Two hashes that are near each other.</summary>
/// <param name="Left">Its index on the left side.</param>
/// <param name="Right">Its index on the right side; of one set, the larger index.</param>
/// <param name="Distance">Bits that differ.</param>
internal readonly record struct HashPair(int Left, int Right, int Distance);
