namespace Sightline.Augment;

/// <summary>Random changes of training pictures. Each picture's changes follow from (run seed, epoch, picture), not from the worker.</summary>
public sealed record AugmentOptions
{
    /// <summary>Mirror left-right with probability one half. Default on; switch off where left and right differ (letters, digits).</summary>
    public bool HorizontalFlip { get; init; } = true;

    /// <summary>
    /// Smallest share of the picture's area that a random resized crop keeps; 1 switches the crop off. 0.08 to 1, default 0.35.
    /// </summary>
    /// <remarks>Szegedy et al. 2015, section 6; torchvision's RandomResizedCrop uses 0.08, which suits ImageNet's size, not small sets.</remarks>
    public double MinimumCropArea { get; init; } = 0.35;

    /// <summary>Range of the crop's width / height: 1/<c>value</c> to <c>value</c>; 1 to 3, default 4/3.</summary>
    public double CropAspect { get; init; } = 4.0 / 3.0;

    /// <summary>Pixels of zero padding before a random crop of the input size (the CIFAR recipe); 0 is off. Used instead of the resized crop where above 0.</summary>
    public int PadCrop { get; init; }

    /// <summary>All problems with these values, empty when sound.</summary>
    public IEnumerable<string> Check()
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
}
