namespace Sightline.Augment;

/// <summary>
/// Random changes of training pictures. Each picture's changes follow from (run seed, epoch, picture), not from the worker. Order: crop,
/// flip, policy, free list, erasing; MixUp and CutMix last, on whole batches.
/// </summary>
public sealed record AugmentOptions
{
    private const int SmallInput = 64;

    /// <summary>The policy. Default: flip and crop only.</summary>
    public AugmentPolicy Policy { get; init; } = AugmentPolicy.Basic;

    /// <summary>Mirror left-right with probability one half. Default on; switch off where left and right differ (letters, digits).</summary>
    public bool HorizontalFlip { get; init; } = true;

    /// <summary>
    /// Smallest share of the picture's area that a random resized crop keeps; 1 switches the crop off. 0.08 to 1; null takes 0.35 above
    /// 64 pixels of input, else 1.
    /// </summary>
    /// <remarks>Szegedy et al. 2015, section 6; torchvision's RandomResizedCrop uses 0.08, which suits ImageNet's size, not small sets.</remarks>
    public double? MinimumCropArea { get; init; }

    /// <summary>Range of the crop's width / height: 1/<c>value</c> to <c>value</c>; 1 to 3, default 4/3.</summary>
    public double CropAspect { get; init; } = 4.0 / 3.0;

    /// <summary>
    /// Pixels of zero padding before a random crop of the input size (the CIFAR recipe); 0 is off; null takes an eighth of the input up to
    /// 64 pixels, else 0. Used instead of the resized crop where above 0.
    /// </summary>
    public int? PadCrop { get; init; }

    /// <summary>RandAugment: operators applied one after the other; 1 to 14.</summary>
    public int RandOperators { get; init; } = 2;

    /// <summary>RandAugment: magnitude, 0 to 30.</summary>
    public int RandMagnitude { get; init; } = 9;

    /// <summary>AugMix: strongest magnitude of an operator, 1 to 10.</summary>
    public int AugmixSeverity { get; init; } = 3;

    /// <summary>AugMix: chains that are mixed, 1 to 10.</summary>
    public int AugmixWidth { get; init; } = 3;

    /// <summary>AugMix: operators in a chain, 0 to 10; 0 draws 1 to 3.</summary>
    public int AugmixDepth { get; init; }

    /// <summary>AugMix: concentration of the mixing weights; above 0, at most 100.</summary>
    public double AugmixAlpha { get; init; } = 1;

    /// <summary>A free list of operators, each with its probability and strength, applied in this order after the policy.</summary>
    public IReadOnlyList<OperatorStep> Operators { get; init; } = [];

    /// <summary>How rotated, sheared and scaled pixels are read. AugMix reads bilinear always.</summary>
    public AffineSampling Sampling { get; init; } = AffineSampling.Bilinear;

    /// <summary>Probability that a random rectangle of 2 to 33 % of the area becomes the mean colour; 0 to 1. torchvision's recipes use 0.1.</summary>
    public double ErasingProbability { get; init; }

    /// <summary>MixUp: each picture is mixed with its neighbour in the batch by a share from Beta(alpha, alpha). 0 is off; up to 10; common is 0.2.</summary>
    public double MixupAlpha { get; init; }

    /// <summary>
    /// CutMix: a rectangle of each picture comes from its neighbour in the batch; the area's share from Beta(alpha, alpha). 0 is off; up to
    /// 10; common is 1. With MixUp also on, each batch draws one of the two.
    /// </summary>
    public double CutmixAlpha { get; init; }

    /// <summary>Epochs at the end without MixUp and CutMix; 0 or more.</summary>
    public int MixingOffEpochs { get; init; }

    /// <summary>Whether batches are mixed.</summary>
    internal bool IsMixing => MixupAlpha > 0 || CutmixAlpha > 0;

    /// <summary>All problems with these values, empty when sound.</summary>
    public IEnumerable<string> Check() => CheckCrops().Concat(CheckPolicy()).Concat(CheckMixing()).Concat(Operators.SelectMany(step => step.Check()));

    /// <summary>With every choice made that depends on the input's side; the settings of <c>none</c> spelled out.</summary>
    internal AugmentOptions For(int size)
    {
        if (Policy == AugmentPolicy.None)
        {
            return this with { HorizontalFlip = false, MinimumCropArea = 1, PadCrop = 0 };
        }

        var isSmall = size <= SmallInput;
        return this with
        {
            // Who sets one of the two has chosen between them.
            PadCrop = PadCrop ?? (isSmall && MinimumCropArea is (null or 1) ? Math.Max(1, size / 8) : 0),
            MinimumCropArea = MinimumCropArea ?? (isSmall || PadCrop > 0 ? 1 : 0.35),
        };
    }

    private IEnumerable<string> CheckCrops()
    {
        if (MinimumCropArea is < 0.08 or > 1 or double.NaN)
        {
            yield return $"MinimumCropArea is {MinimumCropArea}; it must be from 0.08 to 1. Pass --set augment.minimumCropArea=0.35.";
        }

        if (CropAspect is < 1 or > 3 or double.NaN)
        {
            yield return $"CropAspect is {CropAspect}; it must be from 1 to 3. Pass --set augment.cropAspect=1.33.";
        }

        if (PadCrop is < 0 or > 64)
        {
            yield return $"PadCrop is {PadCrop}; it must be from 0 to 64 pixels. Pass --set augment.padCrop=4.";
        }
    }

    private IEnumerable<string> CheckPolicy()
    {
        if (!Enum.IsDefined(Policy))
        {
            yield return $"Policy is {Policy}; it must be one of {string.Join(", ", Enum.GetNames<AugmentPolicy>())}.";
        }

        if (Policy == AugmentPolicy.None && (Operators.Count > 0 || ErasingProbability > 0 || IsMixing))
        {
            yield return "Policy is None, and operators, erasing, MixUp or CutMix are set as well. Pass --augment basic, or leave those out.";
        }

        if (RandOperators is < 1 or > 14 || RandMagnitude is < 0 or > 30)
        {
            yield return $"RandOperators and RandMagnitude are {RandOperators} and {RandMagnitude}; give 1 to 14 operators and a magnitude from 0 to 30. " +
                "Pass --set augment.randOperators=2 --set augment.randMagnitude=9.";
        }

        if (AugmixSeverity is < 1 or > 10 || AugmixWidth is < 1 or > 10 || AugmixDepth is < 0 or > 10 || AugmixAlpha is not (> 0 and <= 100))
        {
            yield return $"AugmixSeverity, AugmixWidth, AugmixDepth and AugmixAlpha are {AugmixSeverity}, {AugmixWidth}, {AugmixDepth} and {AugmixAlpha}; give 1 to 10, " +
                "1 to 10, 0 to 10, and above 0 up to 100. Pass --set augment.augmixSeverity=3.";
        }

        if (ErasingProbability is not (>= 0 and <= 1))
        {
            yield return $"ErasingProbability is {ErasingProbability}; it must be from 0 to 1. Pass --set augment.erasingProbability=0.1.";
        }
    }

    private IEnumerable<string> CheckMixing()
    {
        if (MixupAlpha is not (>= 0 and <= 10) || CutmixAlpha is not (>= 0 and <= 10))
        {
            yield return $"MixupAlpha and CutmixAlpha are {MixupAlpha} and {CutmixAlpha}; both must be from 0 (off) to 10. Pass --set augment.mixupAlpha=0.2.";
        }

        if (MixingOffEpochs < 0)
        {
            yield return $"MixingOffEpochs is {MixingOffEpochs}; it must be 0 or more. Pass --set augment.mixingOffEpochs=5.";
        }
    }
}
