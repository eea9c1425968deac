using Sightline.Data;

namespace Sightline.Augment;

/// <summary>All operators. To add one: a method in a family's file, an entry here, golden cases in tests/golden/augment.py.</summary>
/// <remarks>Where TrivialAugmentWide (Müller and Hutter 2021, table 1) has a range, strength 1 is its end.</remarks>
internal static class OperatorCatalog
{
    private const string Geometric = "geometric";
    private const string Colour = "colour";

    /// <summary>Every operator, by family.</summary>
    public static IReadOnlyList<ImageOperator> All { get; } =
    [
        new() { Name = "rotate", Family = Geometric, Range = (0, 135), Unit = "degrees", IsSigned = true, Apply = Rotate },
        new() { Name = "shearX", Family = Geometric, Range = (0, 0.99), Unit = "slope", IsSigned = true, Apply = ShearX },
        new() { Name = "shearY", Family = Geometric, Range = (0, 0.99), Unit = "slope", IsSigned = true, Apply = ShearY },
        // RandAugment's widest: 150 of 331 pixels.
        new() { Name = "translateX", Family = Geometric, Range = (0, 150.0 / 331), Unit = "of the side", IsSigned = true, IsShareOfSide = true, Apply = TranslateX },
        new() { Name = "translateY", Family = Geometric, Range = (0, 150.0 / 331), Unit = "of the side", IsSigned = true, IsShareOfSide = true, Apply = TranslateY },
        // Octaves, so that both signs are equally strong: half or double the size at strength 1.
        new() { Name = "scale", Family = Geometric, Range = (0, 1), Unit = "octaves", IsSigned = true, Apply = Scale },
        // RandomResizedCrop's least area.
        new() { Name = "crop", Family = Geometric, Range = (1, 0.08), Unit = "of the area kept", Apply = Crop },
        new() { Name = "horizontalFlip", Family = Geometric, Apply = HorizontalFlip },
        new() { Name = "verticalFlip", Family = Geometric, Apply = VerticalFlip },
        new() { Name = "brightness", Family = Colour, Range = (0, 0.99), Unit = "of the level", IsSigned = true, Apply = Brightness },
        new() { Name = "contrast", Family = Colour, Range = (0, 0.99), Unit = "of the distance to grey", IsSigned = true, Apply = Contrast },
        new() { Name = "saturation", Family = Colour, Range = (0, 0.99), Unit = "of the colour", IsSigned = true, Apply = Saturation },
        new() { Name = "hue", Family = Colour, Range = (0, 0.5), Unit = "of the circle", IsSigned = true, Apply = Hue },
        new() { Name = "grey", Family = Colour, Apply = Grey },
        // SimCLR's largest sigma (Chen et al. 2020, appendix A).
        new() { Name = "blur", Family = Colour, Range = (0, 2), Unit = "pixels of sigma", Apply = Blur },
        new() { Name = "sharpness", Family = Colour, Range = (0, 0.99), Unit = "of the detail", IsSigned = true, Apply = Sharpness },
        new() { Name = "posterize", Family = Colour, Range = (8, 2), Unit = "bits", Apply = Posterize },
        new() { Name = "solarize", Family = Colour, Range = (255, 0), Unit = "threshold", Apply = Solarize },
        new() { Name = "autocontrast", Family = Colour, Apply = AutoContrast },
        new() { Name = "equalize", Family = Colour, Apply = Equalize },
        new() { Name = "invert", Family = Colour, Apply = Invert },
        new() { Name = "erase", Family = "erasing", Range = (0, RandomErasing.MostArea), Unit = "of the area", Apply = Erase },
    ];

    /// <summary>The operator of that name.</summary>
    /// <exception cref="SettingsException">There is none; near names are offered.</exception>
    public static ImageOperator Find(string name) => All.FirstOrDefault(known => known.Name == name) ?? throw new SettingsException(Unknown(name));

    /// <summary>What to say of a name that does not exist.</summary>
    public static string Unknown(string name) =>
        $"There is no operator '{name}'.{NearestNames.Suggest(name, All.Select(known => known.Name))} There are: {string.Join(", ", All.Select(known => known.Name))}.";

    private static void Rotate(Span<byte> image, int width, int height, double degrees, OperatorScratch scratch, ref RandomStream random) =>
        GeometricOperators.Rotate(image, width, height, degrees, scratch);

    private static void ShearX(Span<byte> image, int width, int height, double slope, OperatorScratch scratch, ref RandomStream random) =>
        GeometricOperators.ShearX(image, width, height, slope, scratch);

    private static void ShearY(Span<byte> image, int width, int height, double slope, OperatorScratch scratch, ref RandomStream random) =>
        GeometricOperators.ShearY(image, width, height, slope, scratch);

    private static void TranslateX(Span<byte> image, int width, int height, double pixels, OperatorScratch scratch, ref RandomStream random) =>
        GeometricOperators.Translate(image, width, height, pixels, 0, scratch);

    private static void TranslateY(Span<byte> image, int width, int height, double pixels, OperatorScratch scratch, ref RandomStream random) =>
        GeometricOperators.Translate(image, width, height, 0, pixels, scratch);

    private static void Scale(Span<byte> image, int width, int height, double octaves, OperatorScratch scratch, ref RandomStream random) =>
        GeometricOperators.Scale(image, width, height, Math.Pow(2, octaves), scratch);

    private static void Crop(Span<byte> image, int width, int height, double area, OperatorScratch scratch, ref RandomStream random)
    {
        // The picture's own aspect; only where the cut lies is random.
        var share = Math.Sqrt(area);
        var (w, h) = (Math.Clamp((int)Math.Round(width * share), 1, width), Math.Clamp((int)Math.Round(height * share), 1, height));
        var y = random.NextInt(height - h + 1);
        GeometricOperators.Crop(image, width, height, new Box(random.NextInt(width - w + 1), y, w, h), scratch);
    }

    private static void HorizontalFlip(Span<byte> image, int width, int height, double none, OperatorScratch scratch, ref RandomStream random) =>
        GeometricOperators.HorizontalFlip(image, width, height);

    private static void VerticalFlip(Span<byte> image, int width, int height, double none, OperatorScratch scratch, ref RandomStream random) =>
        GeometricOperators.VerticalFlip(image, width, height, scratch);

    private static void Brightness(Span<byte> image, int width, int height, double change, OperatorScratch scratch, ref RandomStream random) =>
        ColourOperators.Brightness(image, 1 + change);

    private static void Contrast(Span<byte> image, int width, int height, double change, OperatorScratch scratch, ref RandomStream random) =>
        ColourOperators.Contrast(image, 1 + change);

    private static void Saturation(Span<byte> image, int width, int height, double change, OperatorScratch scratch, ref RandomStream random) =>
        ColourOperators.Saturation(image, 1 + change, scratch);

    private static void Hue(Span<byte> image, int width, int height, double turn, OperatorScratch scratch, ref RandomStream random) =>
        HueOperator.Apply(image, turn);

    private static void Grey(Span<byte> image, int width, int height, double none, OperatorScratch scratch, ref RandomStream random) =>
        ColourOperators.Grey(image);

    private static void Blur(Span<byte> image, int width, int height, double sigma, OperatorScratch scratch, ref RandomStream random)
    {
        // Three sigma hold 99.7 % of the kernel.
        if (sigma > 0)
        {
            SmoothingOperators.Blur(image, width, height, (int)Math.Ceiling(3 * sigma), sigma, scratch);
        }
    }

    private static void Sharpness(Span<byte> image, int width, int height, double change, OperatorScratch scratch, ref RandomStream random) =>
        SmoothingOperators.Sharpness(image, width, height, 1 + change, scratch);

    private static void Posterize(Span<byte> image, int width, int height, double bits, OperatorScratch scratch, ref RandomStream random) =>
        ColourOperators.Posterize(image, Math.Round(bits));

    private static void Solarize(Span<byte> image, int width, int height, double threshold, OperatorScratch scratch, ref RandomStream random) =>
        ColourOperators.Solarize(image, threshold);

    private static void AutoContrast(Span<byte> image, int width, int height, double none, OperatorScratch scratch, ref RandomStream random) =>
        ColourOperators.AutoContrast(image);

    private static void Equalize(Span<byte> image, int width, int height, double none, OperatorScratch scratch, ref RandomStream random) =>
        ColourOperators.Equalize(image);

    private static void Invert(Span<byte> image, int width, int height, double none, OperatorScratch scratch, ref RandomStream random) =>
        ColourOperators.Invert(image);

    private static void Erase(Span<byte> image, int width, int height, double area, OperatorScratch scratch, ref RandomStream random)
    {
        if (RandomErasing.Rectangle(width, height, area, area, ref random) is { } box)
        {
            RandomErasing.Fill(image, width, box, scratch.Fill);
        }
    }
}
