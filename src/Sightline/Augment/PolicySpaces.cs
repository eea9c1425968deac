namespace Sightline.Augment;

/// <summary>Each policy's operators and their magnitudes by bin.</summary>
/// <remarks>Numbers and order of torchvision 0.14.1, transforms/autoaugment.py (BSD 3-Clause), in single precision as there.</remarks>
internal static class PolicySpaces
{
    /// <summary>TrivialAugmentWide's, 31 bins.</summary>
    public static IReadOnlyList<PolicyOperator> Trivial { get; } =
    [
        new(null, [], false),
        .. Geometric(31, 0.99f, 32, 32, 135),
        .. Enhance(31, 0.99f),
        .. Levels(31, 8, 6),
    ];

    /// <summary>RandAugment's, 31 bins.</summary>
    public static IReadOnlyList<PolicyOperator> Rand(int width, int height) =>
    [
        new(null, [], false),
        .. Geometric(31, 0.3f, Span(width), Span(height), 30),
        .. Enhance(31, 0.9f),
        .. Levels(31, 8, 4),
    ];

    /// <summary>AutoAugment's, 10 bins.</summary>
    public static IReadOnlyList<PolicyOperator> Auto(int width, int height) =>
    [
        .. Geometric(10, 0.3f, Span(width), Span(height), 30),
        .. Enhance(10, 0.9f),
        .. Levels(10, 8, 4),
        new(OperatorCatalog.Find("invert"), [], false),
    ];

    /// <summary>AugMix's, 10 bins, with the colour operators.</summary>
    public static IReadOnlyList<PolicyOperator> Augmix(int width, int height) =>
    [
        .. Geometric(10, 0.3f, width / 3.0, height / 3.0, 30),
        .. Levels(10, 4, 4),
        .. Enhance(10, 0.9f),
    ];

    private static double Span(int side) => 150.0 / 331.0 * side;

    private static IEnumerable<PolicyOperator> Geometric(int bins, float shear, double right, double down, float degrees) =>
    [
        Signed("shearX", bins, shear), Signed("shearY", bins, shear),
        Signed("translateX", bins, (float)right), Signed("translateY", bins, (float)down),
        Signed("rotate", bins, degrees),
    ];

    private static IEnumerable<PolicyOperator> Enhance(int bins, float most) =>
    [
        Signed("brightness", bins, most), Signed("saturation", bins, most), Signed("contrast", bins, most), Signed("sharpness", bins, most),
    ];

    private static IEnumerable<PolicyOperator> Levels(int bins, int bits, int taken) =>
    [
        new(OperatorCatalog.Find("posterize"), Bits(bins, bits, taken), false),
        new(OperatorCatalog.Find("solarize"), Steps(255, 0, bins), false),
        new(OperatorCatalog.Find("autocontrast"), [], false),
        new(OperatorCatalog.Find("equalize"), [], false),
    ];

    private static PolicyOperator Signed(string name, int bins, float most) => new(OperatorCatalog.Find(name), Steps(0, most, bins), true);

    // From most bits to fewest, halves to even.
    private static float[] Bits(int bins, int most, int taken) =>
        [.. Enumerable.Range(0, bins).Select(bin => most - MathF.Round(bin / ((bins - 1) / (float)taken)))];

    // torch.linspace counts from the nearer end.
    private static float[] Steps(float from, float to, int bins)
    {
        var step = (to - from) / (bins - 1);
        return [.. Enumerable.Range(0, bins).Select(bin => bin < bins / 2 ? from + (step * bin) : to - (step * (bins - 1 - bin)))];
    }
}
