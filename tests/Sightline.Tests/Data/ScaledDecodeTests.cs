using Sightline.Data;
using Xunit;

namespace Sightline.Tests.Data;

public class ScaledDecodeTests
{
    [Theory]
    [InlineData(2, 50)]
    [InlineData(4, 25)]
    [InlineData(8, 12)]
    public void Decode_reduced_gives_the_pixels_of_draft_mode(int scale, int shortSide)
    {
        var (expected, shape) = Golden.Load($"scaled_{scale}.rgb.npy");
        var buffer = new PixelBuffer();

        new ImageDecoder().Decode(Golden.FilePath("scaled.jpg"), shortSide, buffer);

        Assert.Equal((shape[1], shape[0]), (buffer.Width, buffer.Height));
        ImageDecoderTests.AssertNear(expected, buffer, 2);
    }

    [Theory]
    // Pillow's rule, JpegImageFile.draft: the least of width // w and height // h, then the largest of 8, 4, 2, 1 that is not above it.
    [InlineData(400, 533, 224, 1)]
    [InlineData(448, 600, 224, 2)]
    [InlineData(4000, 3000, 224, 8)]
    [InlineData(4000, 3000, 800, 2)]
    [InlineData(4000, 3000, 0, 1)]
    public void DraftScale_keeps_the_size_asked_for(int width, int height, int shortSide, int scale) =>
        Assert.Equal(scale, ImageDecoder.DraftScale(width, height, shortSide));
}
