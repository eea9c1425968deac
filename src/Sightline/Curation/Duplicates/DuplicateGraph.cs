namespace Sightline.Curation.Duplicates;

/// <summary>Which pictures of a data set are the same or nearly the same; made by <see cref="DuplicateSearch"/>.</summary>
internal sealed class DuplicateGraph
{
    /// <summary>For each picture the first one with the same pixels (often itself); -1 where it could not be decoded.</summary>
    public required int[] Originals { get; init; }

    /// <summary>The pictures that have the same pixels, by their first one; single pictures are left out.</summary>
    public required IReadOnlyDictionary<int, IReadOnlyList<int>> Copies { get; init; }

    /// <summary>The nearest pairs of originals that hold each cluster of near duplicates together, nearest first.</summary>
    public required IReadOnlyList<DuplicateEdge> Forest { get; init; }

    /// <summary>Share of the originals that have another within 4 bits, 0 to 1.</summary>
    public required double ShareNear { get; init; }

    /// <summary>Whether that share is so large that every pair had to be near in colour too.</summary>
    public required bool IsStrict { get; init; }

    /// <summary>By split (0 training, 1 validation), for each original its nearest near duplicate of which a copy is in that split.</summary>
    public required DuplicateEdge?[][] NearestInSplit { get; init; }

    /// <summary>For each original its nearest near duplicate, neither mirrored nor turned, that has another class.</summary>
    public required DuplicateEdge?[] NearestOfOtherClass { get; init; }

    /// <summary>All pictures with the same pixels as an original, itself first.</summary>
    public IReadOnlyList<int> Members(int original) => Copies.TryGetValue(original, out var members) ? members : [original];

    /// <summary>Groups of pictures that are the same or nearly the same, directly or through others; each rising, by their first picture.</summary>
    public IReadOnlyList<IReadOnlyList<int>> Clusters()
    {
        var sets = new DisjointSets(Originals.Length);
        foreach (var (original, members) in Copies)
        {
            foreach (var member in members)
            {
                sets.Join(original, member);
            }
        }

        foreach (var edge in Forest)
        {
            sets.Join(edge.First, edge.Second);
        }

        return [.. Enumerable.Range(0, Originals.Length).GroupBy(sets.Find).Where(group => group.Count() > 1).Select(group => group.ToArray())];
    }
}
