namespace Sightline.Augment;

/// <summary>How an affine operator (rotate, shear, scale) reads a pixel between pixels.</summary>
public enum AffineSampling
{
    /// <summary>From the four neighbours, as torchvision's training presets do.</summary>
    Bilinear,

    /// <summary>The nearest pixel, the default of torchvision's policy classes: faster, with jagged edges.</summary>
    Nearest,
}
