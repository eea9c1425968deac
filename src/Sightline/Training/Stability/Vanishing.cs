using Sightline.Runs;

namespace Sightline.Training.Stability;

/// <summary>Finds gradients that fade on their way back to the first layers.</summary>
/// <remarks>
/// Judged by gradient over weight, since the norms themselves depend on the layers' sizes; Glorot and Bengio 2010, section 3.2, follow the
/// gradient's size through the layers in the same way. Medians of thirds: one odd layer is no trouble.
/// </remarks>
internal static class Vanishing
{
    public const string Detector = "vanishing";

    // Fewer layers have no beginning and end to compare.
    private const int Fewest = 6;

    // float32 weights do not move at all below about 1e-7 of their size, whatever usual rate it is multiplied with.
    private const double Nothing = 1e-9;

    public static Trouble? Find(StabilityOptions options, IReadOnlyList<LayerReading> layers)
    {
        if (options.Vanishing == StabilityPolicy.Off)
        {
            return null;
        }

        var shares = layers.Where(layer => layer is { Gradient: not null, Weight: > 0 }).Select(layer => (layer.Name, Share: layer.Gradient!.Value / layer.Weight!.Value)).ToList();
        if (shares.Count < Fewest || shares.Any(entry => !double.IsFinite(entry.Share)))
        {
            return null;
        }

        var first = Median(shares.Take(shares.Count / 3));
        var last = Median(shares.TakeLast(shares.Count / 3));
        if (first >= options.VanishingRatio * last && last >= Nothing)
        {
            return null;
        }

        var seen = last < Nothing
            ? FormattableString.Invariant($"The gradient vanishes: in the last layers it is {last:g2} of the weights")
            : FormattableString.Invariant($"The gradient vanishes on its way back: from {last:g2} of the weights in the last layers ('{shares[^1].Name}') to {first:g2} in the first ('{shares[0].Name}')");
        return new Trouble(
            Detector, options.Vanishing, seen,
            "Use a model with norm layers and shortcuts (any of 'sightline model list'), check the weights it starts from, or raise the learning rate.");
    }

    private static double Median(IEnumerable<(string Name, double Share)> entries)
    {
        var sorted = entries.Select(entry => entry.Share).Order().ToArray();
        return (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2;
    }
}
