namespace Sightline.Augment;

/// <summary>One half of an AutoAugment pair.</summary>
/// <param name="Operator">Its name.</param>
/// <param name="Probability">How often it is applied once the pair is drawn.</param>
/// <param name="Bin">Its magnitude, 0 to 9; without meaning where it has none.</param>
internal readonly record struct AutoAugmentStep(string Operator, double Probability, int Bin = 0);

/// <summary>The pairs of operators that AutoAugment found.</summary>
/// <remarks>Cubuk et al. 2019, appendix; as in torchvision 0.14.1, transforms/autoaugment.py (BSD 3-Clause).</remarks>
internal static class AutoAugmentPairs
{
    /// <summary>Found on ImageNet.</summary>
    public static IReadOnlyList<(AutoAugmentStep First, AutoAugmentStep Second)> ImageNet { get; } =
    [
        (new("posterize", 0.4, 8), new("rotate", 0.6, 9)),
        (new("solarize", 0.6, 5), new("autocontrast", 0.6)),
        (new("equalize", 0.8), new("equalize", 0.6)),
        (new("posterize", 0.6, 7), new("posterize", 0.6, 6)),
        (new("equalize", 0.4), new("solarize", 0.2, 4)),
        (new("equalize", 0.4), new("rotate", 0.8, 8)),
        (new("solarize", 0.6, 3), new("equalize", 0.6)),
        (new("posterize", 0.8, 5), new("equalize", 1.0)),
        (new("rotate", 0.2, 3), new("solarize", 0.6, 8)),
        (new("equalize", 0.6), new("posterize", 0.4, 6)),
        (new("rotate", 0.8, 8), new("saturation", 0.4, 0)),
        (new("rotate", 0.4, 9), new("equalize", 0.6)),
        (new("equalize", 0.0), new("equalize", 0.8)),
        (new("invert", 0.6), new("equalize", 1.0)),
        (new("saturation", 0.6, 4), new("contrast", 1.0, 8)),
        (new("rotate", 0.8, 8), new("saturation", 1.0, 2)),
        (new("saturation", 0.8, 8), new("solarize", 0.8, 7)),
        (new("sharpness", 0.4, 7), new("invert", 0.6)),
        (new("shearX", 0.6, 5), new("equalize", 1.0)),
        (new("saturation", 0.4, 0), new("equalize", 0.6)),
        (new("equalize", 0.4), new("solarize", 0.2, 4)),
        (new("solarize", 0.6, 5), new("autocontrast", 0.6)),
        (new("invert", 0.6), new("equalize", 1.0)),
        (new("saturation", 0.6, 4), new("contrast", 1.0, 8)),
        (new("equalize", 0.8), new("equalize", 0.6)),
    ];

    /// <summary>Found on CIFAR-10.</summary>
    public static IReadOnlyList<(AutoAugmentStep First, AutoAugmentStep Second)> Cifar10 { get; } =
    [
        (new("invert", 0.1), new("contrast", 0.2, 6)),
        (new("rotate", 0.7, 2), new("translateX", 0.3, 9)),
        (new("sharpness", 0.8, 1), new("sharpness", 0.9, 3)),
        (new("shearY", 0.5, 8), new("translateY", 0.7, 9)),
        (new("autocontrast", 0.5), new("equalize", 0.9)),
        (new("shearY", 0.2, 7), new("posterize", 0.3, 7)),
        (new("saturation", 0.4, 3), new("brightness", 0.6, 7)),
        (new("sharpness", 0.3, 9), new("brightness", 0.7, 9)),
        (new("equalize", 0.6), new("equalize", 0.5)),
        (new("contrast", 0.6, 7), new("sharpness", 0.6, 5)),
        (new("saturation", 0.7, 7), new("translateX", 0.5, 8)),
        (new("equalize", 0.3), new("autocontrast", 0.4)),
        (new("translateY", 0.4, 3), new("sharpness", 0.2, 6)),
        (new("brightness", 0.9, 6), new("saturation", 0.2, 8)),
        (new("solarize", 0.5, 2), new("invert", 0.0)),
        (new("equalize", 0.2), new("autocontrast", 0.6)),
        (new("equalize", 0.2), new("equalize", 0.6)),
        (new("saturation", 0.9, 9), new("equalize", 0.6)),
        (new("autocontrast", 0.8), new("solarize", 0.2, 8)),
        (new("brightness", 0.1, 3), new("saturation", 0.7, 0)),
        (new("solarize", 0.4, 5), new("autocontrast", 0.9)),
        (new("translateY", 0.9, 9), new("translateY", 0.7, 9)),
        (new("autocontrast", 0.9), new("solarize", 0.8, 3)),
        (new("equalize", 0.8), new("invert", 0.1)),
        (new("translateY", 0.7, 9), new("autocontrast", 0.9)),
    ];
}
