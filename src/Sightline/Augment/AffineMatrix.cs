using System.Globalization;

namespace Sightline.Augment;

/// <summary>From a point of the result to the point of the source: x' = A x + B y + C, y' = D x + E y + F, in pixels.</summary>
internal readonly record struct AffineMatrix(double A, double B, double C, double D, double E, double F)
{
    /// <summary>The inverse of: shear, scale and rotate about a centre, then translate.</summary>
    /// <param name="centre">Fixed point, pixels from the top left corner.</param>
    /// <param name="scale">Above 1 enlarges; above 0.</param>
    /// <param name="shearX">Tilt along x, radians.</param>
    /// <param name="shearY">Tilt along y, radians.</param>
    /// <remarks>The formula and the order of operations of torchvision 0.14.1, functional.py, _get_inverse_affine_matrix, at angle 0.</remarks>
    public static AffineMatrix Of((double X, double Y) centre, double scale, double shearX, double shearY)
    {
        var a = Math.Cos(-shearY) / Math.Cos(shearY);
        var b = (-Math.Cos(-shearY) * Math.Tan(shearX) / Math.Cos(shearY)) - 0.0;
        var c = Math.Sin(-shearY) / Math.Cos(shearY);
        var d = (-Math.Sin(-shearY) * Math.Tan(shearX) / Math.Cos(shearY)) + 1.0;
        var (m0, m1, m3, m4) = (d / scale, -b / scale, -c / scale, a / scale);
        return new AffineMatrix(
            m0, m1, ((m0 * -centre.X) + (m1 * -centre.Y)) + centre.X,
            m3, m4, ((m3 * -centre.X) + (m4 * -centre.Y)) + centre.Y);
    }

    /// <summary>Rotation about the picture's centre.</summary>
    /// <param name="degrees">Counter-clockwise.</param>
    /// <remarks>Pillow 9.4, Image.rotate: sine and cosine are rounded to 15 decimals.</remarks>
    public static AffineMatrix Rotation(double degrees, int width, int height)
    {
        var angle = -(degrees * (Math.PI / 180));
        var (cos, sin, minusSin) = (Round(Math.Cos(angle)), Round(Math.Sin(angle)), Round(-Math.Sin(angle)));
        var (x, y) = (width / 2.0, height / 2.0);
        return new AffineMatrix(
            cos, sin, ((cos * -x) + (sin * -y)) + 0.0 + x,
            minusSin, cos, ((minusSin * -x) + (cos * -y)) + 0.0 + y);
    }

    // Math.Round multiplies by 1e15 first, which may err in the last bit; through text it is exact.
    private static double Round(double value)
    {
        Span<char> text = stackalloc char[32]; // A sign, a digit, the point, 15 digits.
        value.TryFormat(text, out var length, "F15", CultureInfo.InvariantCulture);
        return double.Parse(text[..length], NumberStyles.Float, CultureInfo.InvariantCulture);
    }
}
