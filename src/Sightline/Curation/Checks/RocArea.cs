namespace Sightline.Curation.Checks;

/// <summary>Area under the ROC curve by ranks.</summary>
internal static class RocArea
{
    /// <summary>For each class against the rest; 0.5 for a class without pictures, or without a rest.</summary>
    /// <remarks>Equal to the Mann-Whitney U statistic divided by the number of pairs; ties get their mean rank.</remarks>
    public static double[] Of(double[] values, int[] labels, int classes)
    {
        var order = Enumerable.Range(0, values.Length).OrderBy(i => values[i]).ToArray();
        var rankSums = new double[classes];
        var counts = new long[classes];
        for (var start = 0; start < order.Length;)
        {
            var end = start + 1;
            while (end < order.Length && values[order[end]].Equals(values[order[start]]))
            {
                end++;
            }

            for (var at = start; at < end; at++)
            {
                rankSums[labels[order[at]]] += (start + 1 + end) / 2.0;
                counts[labels[order[at]]]++;
            }

            start = end;
        }

        return [.. Enumerable.Range(0, classes).Select(label =>
        {
            var (own, rest) = (counts[label], values.Length - counts[label]);
            return own == 0 || rest == 0 ? 0.5 : (rankSums[label] - (own * (own + 1) / 2.0)) / ((double)own * rest);
        })];
    }
}
