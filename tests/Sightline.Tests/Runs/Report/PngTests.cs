using System.Buffers.Binary;
using System.IO.Compression;
using Sightline.Data;
using Sightline.Runs.Report;
using Xunit;

namespace Sightline.Tests.Runs.Report;

public sealed class PngTests
{
    [Theory]
    [InlineData(1, 1, false)]
    [InlineData(28, 28, true)]
    [InlineData(37, 11, false)]
    [InlineData(64, 48, false)]
    public void Encode_keeps_every_pixel(int width, int height, bool grey)
    {
        var image = Noise(width, height, grey);

        var (decodedWidth, decodedHeight, channels, pixels) = Decode(Png.Encode(image));

        Assert.Equal((width, height, grey || width == 1 ? channels : 3), (decodedWidth, decodedHeight, channels));
        var expected = channels == 1 ? image.Pixels.Where((_, i) => i % 3 == 0).ToArray() : image.Pixels;
        Assert.Equal(expected, pixels);
    }

    [Fact]
    public void Encode_of_grey_takes_one_channel()
    {
        var (_, _, channels, _) = Decode(Png.Encode(Noise(20, 20, grey: true)));

        Assert.Equal(1, channels);
    }

    [Fact]
    public void Encode_writes_the_bytes_that_Pillow_reads()
    {
        // Checked with Pillow 9.4: this file opens as mode RGB, size (2, 1), pixels (255, 0, 0), (0, 0, 255). CRC-32 of an empty
        // IEND chunk is AE426082 in every PNG file.
        var file = Png.Encode(new PixelImage([255, 0, 0, 0, 0, 255], 2, 1));

        Assert.Equal("89504E470D0A1A0A0000000D49484452000000020000000108020000007B40E8DD", Convert.ToHexString(file.AsSpan(0, 33)));
        Assert.Equal("0000000049454E44AE426082", Convert.ToHexString(file.AsSpan(file.Length - 12)));
    }

    [Fact]
    public void Reduce_averages_areas()
    {
        byte[] pixels = [.. Enumerable.Range(0, 16).SelectMany(i => (byte[])[(byte)(i * 10), 0, 100])];

        var small = Thumbnail.Reduce(new PixelImage(pixels, 4, 4), 2);

        // Means of 0,10,40,50 and so on.
        Assert.Equal((2, 2), (small.Width, small.Height));
        Assert.Equal([25, 0, 100, 45, 0, 100, 105, 0, 100, 125, 0, 100], small.Pixels);
    }

    [Fact]
    public void Reduce_keeps_proportions_and_small_pictures()
    {
        var wide = Thumbnail.Reduce(Noise(1000, 10, grey: false), 112);
        var small = Noise(28, 28, grey: false);

        Assert.Equal((112, 1), (wide.Width, wide.Height));
        Assert.Same(small, Thumbnail.Reduce(small, 112));
    }

    private static PixelImage Noise(int width, int height, bool grey)
    {
        var random = new RandomStream((ulong)(width * height));
        var pixels = new byte[width * height * 3];
        for (var i = 0; i < pixels.Length; i++)
        {
            pixels[i] = grey && i % 3 != 0 ? pixels[i - 1] : (byte)random.NextInt(256);
        }

        return new PixelImage(pixels, width, height);
    }

    /// <summary>A reader written from the specification, apart from the writer: chunks, inflate, unfilter (section 9.2).</summary>
    private static (int Width, int Height, int Channels, byte[] Pixels) Decode(byte[] file)
    {
        using var compressed = new MemoryStream();
        var (width, height, channels) = (0, 0, 0);
        for (var at = 8; at < file.Length;)
        {
            var length = BinaryPrimitives.ReadInt32BigEndian(file.AsSpan(at));
            var data = file.AsSpan(at + 8, length);
            switch (System.Text.Encoding.ASCII.GetString(file, at + 4, 4))
            {
                case "IHDR":
                    width = BinaryPrimitives.ReadInt32BigEndian(data);
                    height = BinaryPrimitives.ReadInt32BigEndian(data[4..]);
                    Assert.Equal(8, data[8]);
                    channels = data[9] == 0 ? 1 : 3;
                    break;
                case "IDAT":
                    compressed.Write(data);
                    break;
            }

            at += 12 + length;
        }

        compressed.Position = 0;
        using var zlib = new ZLibStream(compressed, CompressionMode.Decompress);
        var stride = width * channels;
        var pixels = new byte[stride * height];
        for (var y = 0; y < height; y++)
        {
            var filter = zlib.ReadByte();
            zlib.ReadExactly(pixels, y * stride, stride);
            for (var i = 0; i < stride; i++)
            {
                var a = i >= channels ? pixels[y * stride + i - channels] : 0;
                var b = y > 0 ? pixels[(y - 1) * stride + i] : 0;
                var c = y > 0 && i >= channels ? pixels[(y - 1) * stride + i - channels] : 0;
                var p = a + b - c;
                var nearest = new[] { a, b, c }.MinBy(value => Math.Abs(p - value));
                pixels[y * stride + i] += (byte)(filter switch
                {
                    0 => 0,
                    1 => a,
                    2 => b,
                    3 => (a + b) / 2,
                    4 => nearest,
                    _ => throw new InvalidDataException($"Filter {filter} does not exist."),
                });
            }
        }

        Assert.Equal(-1, zlib.ReadByte());
        return (width, height, channels, pixels);
    }
}
