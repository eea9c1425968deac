namespace Sightline.Augment;

/// <summary>Which changes training pictures undergo, by name.</summary>
public enum AugmentPolicy
{
    /// <summary>Flip and crop, chosen by picture size.</summary>
    Basic,

    /// <summary>No change at all.</summary>
    None,

    /// <summary>Basic, then one operator of TrivialAugmentWide's 14 at a random magnitude (Müller and Hutter 2021).</summary>
    Trivial,

    /// <summary>Basic, then RandAugment: some operators at one magnitude (Cubuk et al. 2020).</summary>
    Rand,

    /// <summary>Basic, then a pair of operators that AutoAugment found on ImageNet (Cubuk et al. 2019).</summary>
    Auto,

    /// <summary>Basic, then a pair of operators that AutoAugment found on CIFAR-10.</summary>
    AutoCifar10,

    /// <summary>Basic, then AugMix: chains of operators mixed with the picture (Hendrycks et al. 2020).</summary>
    Augmix,
}
