using Sightline.Augment;
using Sightline.Data;
using Xunit;

namespace Sightline.Tests.Augment;

/// <summary>Against torchvision 0.14.1 on Pillow 9.4 images, bit for bit but for the blur; tests/golden/augment.py.</summary>
public class OperatorTests
{
    public static TheoryData<string> Names => [.. AugmentGolden.Cases.Select(one => one.Operator).Distinct()];

    [Theory]
    [MemberData(nameof(Names))]
    public void Operator_gives_the_pixels_of_torchvision(string name)
    {
        // torchvision blurs by one two-dimensional kernel, this by two one-dimensional ones: half-way values may round differently.
        var tolerance = name == "blur" ? 1 : 0;
        foreach (var one in AugmentGolden.Cases.Where(one => one.Operator == name))
        {
            var actual = Apply(one);

            var worst = actual.Zip(one.Expected).Max(pair => Math.Abs(pair.First - pair.Second));
            Assert.True(worst <= tolerance, $"{one}: levels differ by up to {worst}, {actual.Zip(one.Expected).Count(pair => pair.First != pair.Second)} of {actual.Length}.");
        }
    }

    [Fact]
    public void Blur_differs_in_few_levels_only()
    {
        foreach (var one in AugmentGolden.Cases.Where(one => one.Operator == "blur"))
        {
            var actual = Apply(one);

            Assert.InRange(actual.Zip(one.Expected).Count(pair => pair.First != pair.Second), 0, actual.Length / 50);
        }
    }

    [Fact]
    public void Every_operator_of_the_catalogue_has_golden_cases()
    {
        var golden = AugmentGolden.Cases.Select(one => one.Operator).ToHashSet();

        Assert.Empty(OperatorCatalog.All.Where(known => !golden.Contains(known.Name)).Select(known => known.Name));
    }

    [Fact]
    public void Every_operator_at_strength_0_leaves_the_picture()
    {
        // Hue goes through 8-bit HSV and back, which loses a little even without a turn; so does torchvision's.
        foreach (var known in OperatorCatalog.All.Where(known => known.Range is not null && known.Name is not ("erase" or "hue")))
        {
            var (pixels, _, _) = AugmentGolden.Source("square");
            var random = new RandomStream(1);

            known.Apply(pixels, 20, 20, known.Magnitude(0, 20), new OperatorScratch(), ref random);

            Assert.True(pixels.AsSpan().SequenceEqual(Without255(AugmentGolden.Source("square").Pixels, known.Name)), known.Name);
        }
    }

    [Fact]
    public void Every_operator_works_on_a_batch_of_sizes_without_touching_its_neighbours()
    {
        foreach (var known in OperatorCatalog.All)
        {
            foreach (var side in new[] { 1, 2, 3, 8, 33 })
            {
                var room = new byte[(side * side * 3) + 8];
                Array.Fill(room, (byte)77);
                var random = new RandomStream(3);

                known.Apply(room.AsSpan(4, side * side * 3), side, side, known.Magnitude(0.7, side), new OperatorScratch(), ref random);

                Assert.True(room[..4].All(b => b == 77) && room[^4..].All(b => b == 77), $"{known.Name} at {side} pixels");
            }
        }
    }

    [Fact]
    public void Unknown_operator_is_refused_with_the_nearest_name()
    {
        var error = Assert.Throws<SettingsException>(() => OperatorCatalog.Find("rotat"));

        Assert.StartsWith("There is no operator 'rotat'. Did you mean 'rotate'? There are: rotate, shearX,", error.Message);
    }

    // Solarize at its weakest inverts level 255 itself, as torchvision's does.
    private static byte[] Without255(byte[] pixels, string name) => name == "solarize" ? [.. pixels.Select(level => level == 255 ? (byte)0 : level)] : pixels;

    private static byte[] Apply(AugmentCase one)
    {
        var (pixels, width, height) = AugmentGolden.Source(one.Source);
        var scratch = new OperatorScratch { Sampling = one.Interpolation == "nearest" ? AffineSampling.Nearest : AffineSampling.Bilinear };
        var p = one.Parameters;
        switch (one.Operator)
        {
            case "scale":
                GeometricOperators.Scale(pixels, width, height, p[0], scratch);
                break;
            case "crop":
                GeometricOperators.Crop(pixels, width, height, Rectangle(p), scratch);
                break;
            case "blur":
                SmoothingOperators.Blur(pixels, width, height, (int)p[0], p[1], scratch);
                break;
            case "erase":
                RandomErasing.Fill(pixels, width, Rectangle(p), (10, 20, 30));
                break;
            default:
                var random = new RandomStream(1);
                OperatorCatalog.Find(one.Operator).Apply(pixels, width, height, p.Length > 0 ? p[0] : 0, scratch, ref random);
                break;
        }

        return pixels;
    }

    private static Box Rectangle(double[] p) => new((int)p[0], (int)p[1], (int)p[2], (int)p[3]);
}
