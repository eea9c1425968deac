namespace Sightline.Curation;

/// <summary>Numbers joined into sets (Tarjan 1975, with path halving); the root of a set is its smallest member.</summary>
internal sealed class DisjointSets
{
    private readonly int[] _parents;

    public DisjointSets(int count) => _parents = [.. Enumerable.Range(0, count)];

    public int Find(int number)
    {
        while (_parents[number] != number)
        {
            number = _parents[number] = _parents[_parents[number]];
        }

        return number;
    }

    /// <summary>Makes the sets of two numbers one; false where they were one already.</summary>
    public bool Join(int first, int second)
    {
        var (a, b) = (Find(first), Find(second));
        _parents[Math.Max(a, b)] = Math.Min(a, b);
        return a != b;
    }

    /// <summary>Every set, singles too, by their smallest numbers; each in rising order.</summary>
    public int[][] All() => [.. Enumerable.Range(0, _parents.Length).GroupBy(Find).Select(set => set.ToArray())];
}
