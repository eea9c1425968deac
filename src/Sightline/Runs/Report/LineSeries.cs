namespace Sightline.Runs.Report;

/// <summary>One line of a chart.</summary>
/// <param name="Name">As the legend and the table show it: <c>Training loss</c>.</param>
/// <param name="Label">One word at the line's end: <c>training</c>.</param>
/// <param name="Values">A value for each x; null or not finite leaves a gap.</param>
internal sealed record LineSeries(string Name, string Label, IReadOnlyList<double?> Values)
{
    /// <summary>Positions of the finite values, in order.</summary>
    public int[] Finite { get; } = [.. Enumerable.Range(0, Values.Count).Where(i => Values[i] is { } value && double.IsFinite(value))];

    /// <summary>A value known to be there.</summary>
    public double At(int position) => Values[position].GetValueOrDefault();

    /// <summary>
    /// Positions to draw: all of them, or for long series the lowest and highest of each bucket, so that no peak is lost; a gap's
    /// first position stays as the gap.
    /// </summary>
    public int[] Drawn(int buckets)
    {
        if (Values.Count <= 2 * buckets)
        {
            return [.. Enumerable.Range(0, Values.Count)];
        }

        var kept = new SortedSet<int> { 0, Values.Count - 1 };
        for (var bucket = 0; bucket < buckets; bucket++)
        {
            var from = (int)((long)bucket * Values.Count / buckets);
            var to = (int)((bucket + 1L) * Values.Count / buckets);
            var (low, high, gap) = (-1, -1, -1);
            for (var i = from; i < to; i++)
            {
                if (Values[i] is not { } value || !double.IsFinite(value))
                {
                    gap = gap < 0 ? i : gap;
                    continue;
                }

                low = low < 0 || value < At(low) ? i : low;
                high = high < 0 || value > At(high) ? i : high;
            }

            kept.UnionWith(((int[])[low, high, gap]).Where(i => i >= 0));
        }

        return [.. kept];
    }
}
