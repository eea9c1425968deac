namespace Sightline.Curation;

/// <summary>Numbers joined into sets (Tarjan 1975, with path halving).</summary>
internal sealed class DisjointSets
{
    private readonly int[] _parents;

    public DisjointSets(int count)
    {
        _parents = new int[count];
        for (var i = 0; i < count; i++)
        {
            _parents[i] = i;
        }
    }

    /// <summary>Makes the sets of two numbers one; its root is the smallest number in it.</summary>
    public void Join(int first, int second)
    {
        var (a, b) = (Root(first), Root(second));
        _parents[Math.Max(a, b)] = Math.Min(a, b);
    }

    /// <summary>Every set, singles too, by their smallest numbers; each in rising order.</summary>
    public int[][] All() => [.. Enumerable.Range(0, _parents.Length).GroupBy(Root).Select(set => set.ToArray())];

    private int Root(int number)
    {
        while (_parents[number] != number)
        {
            number = _parents[number] = _parents[_parents[number]];
        }

        return number;
    }
}
