using Sightline.Data;
using Xunit;

namespace Sightline.Tests.Data;

/// <summary>Against the pixels that Pillow 9.4 (libjpeg-turbo 2.1.5, libwebp 1.2.4) reads from the same files; tests/golden/images.py.</summary>
public class ImageDecoderTests
{
    public static TheoryData<string, int> Files()
    {
        var data = new TheoryData<string, int>();
        foreach (var path in Directory.GetFiles(Golden.Folder, "*.rgb.npy").Where(path => !path.Contains("scaled_")).Order(StringComparer.Ordinal))
        {
            var name = Path.GetFileName(path)[..^".rgb.npy".Length];
            // Lossless formats are exact. Inverse transform, upsampling and colour conversion of JPEG may differ by rounding between
            // versions of libjpeg-turbo, and with CMYK and lossy WebP between the formulas: 2 levels at most.
            data.Add(name, name.EndsWith("jpg", StringComparison.Ordinal) || name == "webp_lossy.webp" ? 2 : 0);
        }

        return data;
    }

    [Theory]
    [MemberData(nameof(Files))]
    public void Decode_gives_the_pixels_of_Pillow(string name, int tolerance)
    {
        var (expected, shape) = Golden.Load(name + ".rgb.npy");
        var buffer = new PixelBuffer();

        new ImageDecoder().Decode(Golden.FilePath(name), 0, buffer);

        Assert.Equal((shape[1], shape[0]), (buffer.Width, buffer.Height));
        AssertNear(expected, buffer, tolerance);
    }

    internal static void AssertNear(byte[] expected, PixelBuffer actual, int tolerance)
    {
        var worst = 0;
        var at = 0;
        for (var i = 0; i < expected.Length; i++)
        {
            var difference = Math.Abs(expected[i] - actual.Pixels[i]);
            (worst, at) = difference > worst ? (difference, i) : (worst, at);
        }

        Assert.True(worst <= tolerance, $"Worst difference {worst} at byte {at}, pixel ({at / 3 % actual.Width}, {at / 3 / actual.Width}).");
    }
}
