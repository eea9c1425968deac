namespace Sightline.Curation.Duplicates;

/// <summary>
/// The minimum spanning forest of a stream of edges (Kruskal 1956): of each cluster of n duplicates the n - 1 nearest pairs that hold it
/// together. Never more than twice the pictures and a million edges are kept, however many come.
/// </summary>
internal sealed class EdgeForest(int count)
{
    private const int Slack = 1_000_000;

    private List<DuplicateEdge> _edges = [];

    /// <summary>Adds an edge. Not safe for several threads.</summary>
    public void Add(DuplicateEdge edge)
    {
        _edges.Add(edge);
        if (_edges.Count > (2L * count) + Slack)
        {
            _edges = Reduce();
        }
    }

    /// <summary>The forest, nearest edges first.</summary>
    public IReadOnlyList<DuplicateEdge> Finish() => _edges = Reduce();

    // Edges that close a circle among some edges close it among all, so nothing that matters is dropped early.
    private List<DuplicateEdge> Reduce()
    {
        _edges.Sort();
        var sets = new DisjointSets(count);
        return [.. _edges.Where(edge => sets.Join(edge.First, edge.Second))];
    }
}
