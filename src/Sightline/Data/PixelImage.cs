namespace Sightline.Data;

/// <summary>A decoded picture: 8-bit RGB, rows top to bottom, channels interleaved (H x W x 3 bytes).</summary>
public sealed class PixelImage
{
    /// <summary>Wraps pixels without copying them.</summary>
    /// <param name="pixels">Width x height x 3 bytes, R G B.</param>
    /// <param name="width">Pixels in a row; above 0.</param>
    /// <param name="height">Rows; above 0.</param>
    /// <exception cref="ArgumentException">The length is not width x height x 3.</exception>
    public PixelImage(byte[] pixels, int width, int height)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(width);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(height);
        if (pixels.Length != width * height * 3)
        {
            throw new ArgumentException($"{pixels.Length} bytes were given; {width} x {height} RGB pixels are {width * height * 3} bytes.", nameof(pixels));
        }

        Pixels = pixels;
        Width = width;
        Height = height;
    }

    /// <summary>The bytes, owned by this picture.</summary>
    public byte[] Pixels { get; }

    /// <summary>Pixels in a row.</summary>
    public int Width { get; }

    /// <summary>Rows.</summary>
    public int Height { get; }
}
