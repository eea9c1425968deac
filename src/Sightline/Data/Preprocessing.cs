namespace Sightline.Data;

/// <summary>How a picture is resampled.</summary>
public enum Interpolation
{
    /// <summary>Bilinear with antialiasing, as Pillow's <c>BILINEAR</c>.</summary>
    Bilinear,

    /// <summary>Bicubic (a = -0.5) with antialiasing, as Pillow's <c>BICUBIC</c>.</summary>
    Bicubic,

    /// <summary>Lanczos of three lobes with antialiasing, as Pillow's <c>LANCZOS</c>; what perceptual hashes are made with.</summary>
    Lanczos,
}

/// <summary>
/// From a decoded picture to the model's input: resize the short side, crop the centre, scale to 0..1, normalise.
/// Stored with the model; training, evaluation and prediction use the same value.
/// </summary>
public sealed record Preprocessing
{
    /// <summary>Side of the square input, pixels; 8 to 4096.</summary>
    public required int CropSize { get; init; }

    /// <summary>Short side after resizing, before the centre crop; at least <see cref="CropSize"/>.</summary>
    public required int ResizeSize { get; init; }

    /// <summary>Resampling filter.</summary>
    public Interpolation Interpolation { get; init; } = Interpolation.Bilinear;

    /// <summary>Subtracted per channel (R, G, B), in units of 0..1. Default: ImageNet's.</summary>
    public IReadOnlyList<float> Mean { get; init; } = [0.485f, 0.456f, 0.406f];

    /// <summary>Divided by per channel (R, G, B), in units of 0..1. Default: ImageNet's.</summary>
    public IReadOnlyList<float> Std { get; init; } = [0.229f, 0.224f, 0.225f];
}
