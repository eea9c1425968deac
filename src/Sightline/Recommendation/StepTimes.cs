namespace Sightline.Recommendation;

/// <summary>Seconds per picture of training from a model's work: multiply-accumulates and activations, weighted by what was measured.</summary>
/// <remarks>
/// Multiply-accumulates alone mispredict: DenseNet-121 has fewer than ResNet-50 and is slower, since it writes more activations. What is special to a
/// family, such as ConvNeXt's layer norms and wide kernels, comes from how far its nearest measured member lies beside the line.
/// </remarks>
internal sealed class StepTimes
{
    // Before anything is measured: a small machine. Only the order in which models are measured depends on it.
    private const double FirstPerMac = 3 / 40e9;
    private const double FirstPerActivation = 4e-9;

    private readonly List<(string Family, double Macs, double Activations, double Seconds)> _measured = [];

    /// <summary>Adds a measured model.</summary>
    public void Add(string family, double macs, double activations, double seconds) => _measured.Add((family, macs, activations, seconds));

    /// <summary>Seconds per picture.</summary>
    public double Of(string family, double macs, double activations)
    {
        var (a, b) = Weights();
        var line = (a * macs) + (b * activations);
        var kin = _measured.Where(one => one.Family == family).ToList();
        if (kin.Count == 0)
        {
            return line;
        }

        var nearest = kin.MinBy(one => Math.Abs(Math.Log(one.Macs / macs)));
        return line * nearest.Seconds / ((a * nearest.Macs) + (b * nearest.Activations));
    }

    // Least squares of relative errors, neither weight below 0.
    private (double PerMac, double PerActivation) Weights()
    {
        if (_measured.Count == 0)
        {
            return (FirstPerMac, FirstPerActivation);
        }

        var (mm, ma, aa, m, a) = (0.0, 0.0, 0.0, 0.0, 0.0);
        foreach (var (_, macs, activations, seconds) in _measured)
        {
            var (x, y) = (macs / seconds, activations / seconds);
            (mm, ma, aa, m, a) = (mm + (x * x), ma + (x * y), aa + (y * y), m + x, a + y);
        }

        var determinant = (mm * aa) - (ma * ma);
        var (perMac, perActivation) = determinant > 1e-9 * mm * aa ? (((m * aa) - (a * ma)) / determinant, ((a * mm) - (m * ma)) / determinant) : (m / mm, 0);
        return perMac < 0 ? (0, a / aa) : perActivation < 0 ? (m / mm, 0) : (perMac, perActivation);
    }
}
