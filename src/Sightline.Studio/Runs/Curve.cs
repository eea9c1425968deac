namespace Sightline.Studio.Runs;

/// <summary>A line of a chart: values by step, ascending. Grows at its end only.</summary>
/// <param name="name">As the legend shows it.</param>
/// <param name="label">One word at the line's end.</param>
internal sealed class Curve(string name, string label)
{
    // 8 bytes per point: a million points of six curves are 48 MB.
    private int[] _x = new int[64];
    private float[] _y = new float[64];

    public string Name => name;

    public string Label => label;

    public int Count { get; private set; }

    public void Add(long step, double value)
    {
        if (!double.IsFinite(value))
        {
            return;
        }

        if (Count == _x.Length)
        {
            Array.Resize(ref _x, Count * 2);
            Array.Resize(ref _y, Count * 2);
        }

        (_x[Count], _y[Count]) = ((int)Math.Min(step, int.MaxValue), (float)value);
        Count++;
    }

    /// <summary>
    /// The points of a range: all of them, or the lowest and the highest of each of <paramref name="most"/> / 2 buckets in their order, so that no peak is
    /// lost; and one point on each side, so that lines reach the edges.
    /// </summary>
    public (int[] X, float[] Y) Within(long from, long to, int most)
    {
        var first = Math.Max(0, LowerBound(from) - 1);
        var end = Math.Min(Count, LowerBound(to + 1) + 1);
        var count = end - first;
        if (count <= most)
        {
            return (_x.AsSpan(first, Math.Max(0, count)).ToArray(), _y.AsSpan(first, Math.Max(0, count)).ToArray());
        }

        var buckets = most / 2;
        var (xs, ys) = (new List<int>(most + 2), new List<float>(most + 2));
        for (var bucket = 0; bucket < buckets; bucket++)
        {
            var (start, stop) = (first + (int)((long)bucket * count / buckets), first + (int)((bucket + 1L) * count / buckets));
            var (low, high) = (start, start);
            for (var i = start + 1; i < stop; i++)
            {
                low = _y[i] < _y[low] ? i : low;
                high = _y[i] > _y[high] ? i : high;
            }

            Keep(Math.Min(low, high));
            if (low != high)
            {
                Keep(Math.Max(low, high));
            }
        }

        return ([.. xs], [.. ys]);

        void Keep(int i)
        {
            xs.Add(_x[i]);
            ys.Add(_y[i]);
        }
    }

    private int LowerBound(long step)
    {
        var at = Array.BinarySearch(_x, 0, Count, (int)Math.Clamp(step, int.MinValue, int.MaxValue));
        if (at < 0)
        {
            return ~at;
        }

        while (at > 0 && _x[at - 1] == step)
        {
            at--;
        }

        return at;
    }
}
