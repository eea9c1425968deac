namespace Sightline.Curation.Duplicates;

/// <summary>Union-find with path halving; the root of a set is its smallest member.</summary>
internal sealed class DisjointSets
{
    private readonly int[] _parents;

    public DisjointSets(int count) => _parents = [.. Enumerable.Range(0, count)];

    public int Find(int item)
    {
        while (_parents[item] != item)
        {
            _parents[item] = _parents[_parents[item]];
            item = _parents[item];
        }

        return item;
    }

    /// <summary>Joins two sets; false where they were one already.</summary>
    public bool Join(int first, int second)
    {
        var (a, b) = (Find(first), Find(second));
        if (a == b)
        {
            return false;
        }

        _parents[Math.Max(a, b)] = Math.Min(a, b);
        return true;
    }
}
