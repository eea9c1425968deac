using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Sightline.Data;

namespace Sightline.Augment;

/// <summary>Operators that move pixels. They work in place on 8-bit RGB; what comes from outside is black.</summary>
/// <remarks>Each gives the pixels of torchvision 0.14.1 on a Pillow 9.4 image, bit for bit (tests/golden/augment.py).</remarks>
internal static class GeometricOperators
{
    /// <summary>Rotates about the centre.</summary>
    /// <param name="degrees">Counter-clockwise; any angle.</param>
    public static void Rotate(Span<byte> image, int width, int height, double degrees, OperatorScratch scratch)
    {
        var angle = degrees % 360;
        angle = angle < 0 ? angle + 360 : angle;
        if (angle == 0)
        {
            return;
        }

        if (angle == 180)
        {
            MemoryMarshal.Cast<byte, Rgb>(image).Reverse();
        }
        else if ((angle is 90 or 270) && width == height)
        {
            QuarterTurn(scratch.Copy(image), width, angle == 90, image);
        }
        else
        {
            Map(image, width, height, AffineMatrix.Rotation(angle, width, height), scratch);
        }
    }

    /// <summary>Shifts each row in proportion to its distance from the top.</summary>
    /// <param name="slope">Pixels per row; the tangent of the tilt.</param>
    /// <remarks>About the top left corner, as torchvision's policies do.</remarks>
    public static void ShearX(Span<byte> image, int width, int height, double slope, OperatorScratch scratch) =>
        Map(image, width, height, AffineMatrix.Of((0, 0), 1, Tilt(slope), 0), scratch);

    /// <summary>Shifts each column in proportion to its distance from the left.</summary>
    /// <param name="slope">Pixels per column; the tangent of the tilt.</param>
    public static void ShearY(Span<byte> image, int width, int height, double slope, OperatorScratch scratch) =>
        Map(image, width, height, AffineMatrix.Of((0, 0), 1, 0, Tilt(slope)), scratch);

    /// <summary>Moves by whole pixels.</summary>
    /// <param name="right">To the right, pixels; the fraction is cut.</param>
    /// <param name="down">Down, pixels; the fraction is cut.</param>
    public static void Translate(Span<byte> image, int width, int height, double right, double down, OperatorScratch scratch) =>
        AffineTransform.Shift(scratch.Copy(image), width, height, (int)right, (int)down, image);

    /// <summary>Enlarges or shrinks about the centre.</summary>
    /// <param name="factor">Above 1 enlarges; above 0.</param>
    public static void Scale(Span<byte> image, int width, int height, double factor, OperatorScratch scratch) =>
        Map(image, width, height, AffineMatrix.Of((width * 0.5, height * 0.5), factor, 0, 0), scratch);

    /// <summary>Cuts a part out and resizes it to the picture's size, bilinear with antialiasing.</summary>
    public static void Crop(Span<byte> image, int width, int height, Box part, OperatorScratch scratch)
    {
        var source = scratch.Copy(image).AsSpan(0, width * height * 3);
        scratch.Resampler.Resize(source, width * 3, part, width, height, new Box(0, 0, width, height), Interpolation.Bilinear, image);
    }

    /// <summary>Mirrors left-right.</summary>
    public static void HorizontalFlip(Span<byte> image, int width, int height) => RandomCrops.Mirror(image, width, height);

    /// <summary>Mirrors top-bottom.</summary>
    public static void VerticalFlip(Span<byte> image, int width, int height, OperatorScratch scratch)
    {
        var source = scratch.Copy(image);
        for (var y = 0; y < height; y++)
        {
            source.AsSpan((height - 1 - y) * width * 3, width * 3).CopyTo(image[(y * width * 3)..]);
        }
    }

    // Degrees and back, as torchvision passes the tilt on: the last bit of the tangent depends on it.
    private static double Tilt(double slope) => Math.Atan(slope) * (180 / Math.PI) * (Math.PI / 180);

    private static void Map(Span<byte> image, int width, int height, in AffineMatrix matrix, OperatorScratch scratch) =>
        AffineTransform.Apply(scratch.Copy(image), width, height, matrix, scratch.Sampling, image);

    private static void QuarterTurn(byte[] source, int side, bool isLeft, Span<byte> target)
    {
        var from = MemoryMarshal.Cast<byte, Rgb>(source.AsSpan(0, side * side * 3));
        var to = MemoryMarshal.Cast<byte, Rgb>(target);
        for (var y = 0; y < side; y++)
        {
            for (var x = 0; x < side; x++)
            {
                to[(y * side) + x] = isLeft ? from[(x * side) + side - 1 - y] : from[((side - 1 - x) * side) + y];
            }
        }
    }

    [InlineArray(3)]
    private struct Rgb
    {
        private byte _first;
    }
}
