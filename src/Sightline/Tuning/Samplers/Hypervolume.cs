namespace Sightline.Tuning;

/// <summary>The volume that points dominate below a reference point; every objective is minimised.</summary>
internal static class Hypervolume
{
    /// <summary>The volume.</summary>
    /// <param name="points">Each as long as <paramref name="reference"/>.</param>
    /// <param name="reference">Points not below it in every objective count for nothing.</param>
    /// <remarks>Slices along the last objective, one dimension less each time (While et al. 2006, HSO).</remarks>
    public static double Of(IReadOnlyList<double[]> points, double[] reference) =>
        Slice([.. points.Where(point => point.Zip(reference).All(pair => pair.First < pair.Second))], reference, reference.Length);

    private static double Slice(List<double[]> points, double[] reference, int dimensions)
    {
        if (points.Count == 0)
        {
            return 0;
        }

        if (dimensions == 1)
        {
            return reference[0] - points.Min(point => point[0]);
        }

        var last = dimensions - 1;
        var ordered = points.OrderBy(point => point[last]).ToList();
        var volume = 0.0;
        for (var i = 0; i < ordered.Count; i++)
        {
            var next = i + 1 < ordered.Count ? ordered[i + 1][last] : reference[last];
            if (next > ordered[i][last])
            {
                volume += (next - ordered[i][last]) * Slice(ordered[..(i + 1)], reference, last);
            }
        }

        return volume;
    }
}
