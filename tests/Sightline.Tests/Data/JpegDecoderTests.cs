using Sightline.Data;
using Xunit;

namespace Sightline.Tests.Data;

public class JpegDecoderTests
{
    [Theory]
    [InlineData("jpeg_444.jpg")]
    [InlineData("jpeg_422.jpg")]
    [InlineData("jpeg_420.jpg")]
    [InlineData("jpeg_optimised.jpg")]
    [InlineData("jpeg_q100.jpg")]
    [InlineData("jpeg_grey.jpg")]
    [InlineData("jpeg_restart.jpg")]
    [InlineData("scaled.jpg")]
    public void TryDecode_usual_files_exactly_as_libjpeg_turbo(string name)
    {
        var buffer = new PixelBuffer();

        Assert.True(new JpegDecoder().TryDecode(File.ReadAllBytes(Golden.FilePath(name)), 0, buffer));

        // The expected pixels are those of libjpeg-turbo 2.1.5; the method is defined to the bit, so they are met exactly.
        if (name != "scaled.jpg")
        {
            ImageDecoderTests.AssertNear(Golden.Load(name + ".rgb.npy").Bytes, buffer, 0);
        }
    }

    [Theory]
    [InlineData("jpeg_progressive.jpg")]
    [InlineData("jpeg_cmyk.jpg")]
    [InlineData("png_rgb.png")]
    public void TryDecode_declines_other_kinds(string name) =>
        Assert.False(new JpegDecoder().TryDecode(File.ReadAllBytes(Golden.FilePath(name)), 0, new PixelBuffer()));

    [Fact]
    public void TryDecode_survives_damage_anywhere()
    {
        var decoder = new JpegDecoder();
        var buffer = new PixelBuffer();
        var random = new RandomStream(7);
        foreach (var name in new[] { "jpeg_420.jpg", "jpeg_422.jpg", "jpeg_restart.jpg", "jpeg_grey.jpg" })
        {
            var original = File.ReadAllBytes(Golden.FilePath(name));
            for (var i = 0; i < 4000; i++)
            {
                var file = original[..(i % 4 == 0 ? random.NextInt(original.Length) : original.Length)];
                for (var hits = 0; hits <= i % 3 && file.Length > 0; hits++)
                {
                    file[random.NextInt(file.Length)] = (byte)random.NextBits();
                }

                try
                {
                    decoder.TryDecode(file, 0, buffer);
                }
                catch (ImageFormatException error)
                {
                    Assert.Contains("at most 178,956,970 are read", error.Message);
                }
            }
        }
    }

    [Fact]
    public void Decode_of_every_truncation_is_an_error_or_the_whole_picture()
    {
        var decoder = new ImageDecoder();
        var buffer = new PixelBuffer();
        var original = File.ReadAllBytes(Golden.FilePath("jpeg_420.jpg"));

        for (var length = 0; length < original.Length - 16; length += 7)
        {
            Assert.Throws<ImageFormatException>(() => decoder.Decode(original.AsSpan(0, length), 0, buffer));
        }
    }
}
