namespace Sightline.Curation.Embeddings;

/// <summary>Quantiles of a sample.</summary>
internal static class Quantiles
{
    /// <summary>Linear between the neighbouring values, as numpy's default (Hyndman and Fan 1996, definition 7).</summary>
    /// <param name="sorted">Rising; not empty.</param>
    /// <param name="share">0 to 1.</param>
    public static double Of(double[] sorted, double share)
    {
        var place = share * (sorted.Length - 1);
        var below = (int)place;
        var above = Math.Min(below + 1, sorted.Length - 1);
        return sorted[below] + ((place - below) * (sorted[above] - sorted[below]));
    }
}
