namespace Sightline.Curation.Pictures;

/// <summary>What checks need to know of a picture; measured once on the upright, full-size, 8-bit RGB pixels, then kept in the cache folder.</summary>
public sealed record PictureFacts
{
    /// <summary>Width in pixels.</summary>
    public required int Width { get; init; }

    /// <summary>Height in pixels.</summary>
    public required int Height { get; init; }

    /// <summary>The first 128 bits of SHA-256 over width, height and the decoded pixels: equal for equal pictures, whatever their file format.</summary>
    public required UInt128 PixelHash { get; init; }

    /// <summary>
    /// The perceptual hashes of the picture and of its mirrored and turned copies, in the order of <see cref="PictureTurn"/>; empty for a
    /// picture without structure, whose hash would be noise.
    /// </summary>
    public required IReadOnlyList<ulong> PerceptualHashes { get; init; }

    /// <summary>Mean brightness, 0 to 1. A pixel's brightness is sqrt(0.241 R² + 0.691 G² + 0.068 B²) / 255.</summary>
    public required double MeanBrightness { get; init; }

    /// <summary>The 5th percentile of the pixels' brightness, 0 to 1: how dark the darkest parts are.</summary>
    public required double BrightnessP5 { get; init; }

    /// <summary>The 99th percentile of the pixels' brightness, 0 to 1: how light the lightest parts are.</summary>
    public required double BrightnessP99 { get; init; }

    /// <summary>Sharpness, 0 (blurred) to 1; see <see cref="SharpnessMeter"/> for the definition.</summary>
    public required double Sharpness { get; init; }

    /// <summary>Entropy of the histogram in bits: of the grey levels, 0 to 8, or of the three colours together, 0 to 9.58.</summary>
    public required double EntropyBits { get; init; }

    /// <summary>Whether red, green and blue are equal in every pixel.</summary>
    public required bool IsGrey { get; init; }

    /// <summary>The file's format by its first bytes, such as <c>jpeg</c>; null for pictures that are no files.</summary>
    public string? Format { get; init; }

    /// <summary>8 x 8 RGB pixels, means of the 32 x 32 thumbnail: a lower bound of the second check of near duplicates.</summary>
    internal byte[] Miniature { get; init; } = [];

    /// <summary>sqrt(width x height), in pixels.</summary>
    public double Size => Math.Sqrt((double)Width * Height);

    /// <summary>Short side over long side, above 0, at most 1.</summary>
    public double AspectRatio => (double)Math.Min(Width, Height) / Math.Max(Width, Height);
}
