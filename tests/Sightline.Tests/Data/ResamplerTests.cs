using Sightline.Augment;
using Sightline.Data;
using Xunit;

namespace Sightline.Tests.Data;

/// <summary>Against Pillow 9.4 and torchvision 0.14.1, bit for bit; tests/golden/images.py.</summary>
public class ResamplerTests
{
    private const int SourceWidth = 83;
    private const int SourceHeight = 59;

    private static readonly byte[] Source = Golden.Load("resample_source.npy").Bytes;

    private static readonly Interpolation[] Filters = [Interpolation.Bilinear, Interpolation.Bicubic];

    [Fact]
    public void Resize_gives_the_pixels_of_Pillow()
    {
        var actual = new List<byte>();
        foreach (var filter in Filters)
        {
            foreach (var size in Golden.LoadRows("resample_sizes.npy"))
            {
                actual.AddRange(Resize(new Box(0, 0, SourceWidth, SourceHeight), (int)size[0], (int)size[1], null, filter));
            }
        }

        Assert.Equal(Golden.Load("resample_results.npy").Bytes, actual);
    }

    [Fact]
    public void Resize_of_a_crop_gives_the_pixels_of_resized_crop()
    {
        var actual = new List<byte>();
        foreach (var filter in Filters)
        {
            foreach (var box in Golden.LoadRows("crop_boxes.npy"))
            {
                actual.AddRange(Resize(new Box((int)box[0], (int)box[1], (int)box[2], (int)box[3]), 32, 32, null, filter));
            }
        }

        Assert.Equal(Golden.Load("crop_results_32.npy").Bytes, actual);
    }

    [Fact]
    public void Resize_part_equals_that_part_of_the_whole()
    {
        var whole = Resize(new Box(3, 2, 70, 50), 40, 33, null, Interpolation.Bicubic);

        var part = Resize(new Box(3, 2, 70, 50), 40, 33, new Box(7, 5, 20, 11), Interpolation.Bicubic);

        var cut = Enumerable.Range(5, 11).SelectMany(y => whole[(((y * 40) + 7) * 3)..(((y * 40) + 27) * 3)]).ToArray();
        Assert.Equal(cut, part);
    }

    [Fact]
    public void Prepare_gives_the_pixels_of_torchvisions_resize_and_centre_crop()
    {
        var actual = new List<byte>();
        foreach (var filter in Filters)
        {
            var transform = new SampleTransform(new Preprocessing { CropSize = 32, ResizeSize = 37, Interpolation = filter }, null);
            foreach (var (pixels, width, height) in new[] { (Source, SourceWidth, SourceHeight), Turned(), Square() })
            {
                var result = new byte[32 * 32 * 3];
                transform.Prepare(pixels, width, height, result);
                actual.AddRange(result);
            }
        }

        Assert.Equal(Golden.Load("evaluation_37_32.npy").Bytes, actual);
    }

    [Fact]
    public void ResizedSize_rounds_as_torchvision()
    {
        foreach (var row in Golden.LoadRows("resize_sizes.npy"))
        {
            var (width, height) = SampleTransform.ResizedSize((int)row[0], (int)row[1], (int)row[2]);

            Assert.Equal((row[3], row[4]), (width, height));
            Assert.Equal((row[5], row[6]), ((long)Math.Round((width - 32) / 2.0), (long)Math.Round((height - 32) / 2.0)));
        }
    }

    [Fact]
    public void Shift_gives_the_pixels_of_a_padded_crop()
    {
        var source = Golden.Load("pad_source.npy").Bytes;
        var actual = new List<byte>();
        foreach (var (i, j) in new[] { (0, 0), (3, 3), (6, 1), (2, 6) })
        {
            var result = new byte[source.Length];
            RandomCrops.Shift(source, 16, j - 3, i - 3, result);
            actual.AddRange(result);
        }

        Assert.Equal(Golden.Load("pad_results.npy").Bytes, actual);
    }

    [Fact]
    public void Mirror_reverses_rows()
    {
        byte[] pixels = [1, 2, 3, 4, 5, 6, 7, 8, 9];

        RandomCrops.Mirror(pixels, 3, 1);

        Assert.Equal<byte>([7, 8, 9, 4, 5, 6, 1, 2, 3], pixels);
    }

    [Fact]
    public void RandomCrop_lies_inside_and_has_the_distribution_of_its_parameters()
    {
        var random = new RandomStream(3);
        var shares = new List<double>();
        for (var i = 0; i < 4000; i++)
        {
            var box = RandomCrops.Resized(400, 533, 0.35, 4.0 / 3, ref random);
            Assert.True(box.X >= 0 && box.Y >= 0 && box.X + box.Width <= 400 && box.Y + box.Height <= 533);
            Assert.InRange((double)box.Width / box.Height, 0.74, 1.35);
            shares.Add(box.Width * box.Height / (400.0 * 533));
        }

        // torchvision 0.14.1's RandomResizedCrop.get_params over 60,000 draws of the same picture and ranges. The tolerances are five
        // standard errors of 4,000 draws.
        var mean = shares.Average();
        Assert.Equal(0.5758, mean, 0.012);
        Assert.Equal(0.1487, Math.Sqrt(shares.Average(share => (share - mean) * (share - mean))), 0.008);
    }

    [Theory]
    // torchvision: a picture too narrow or too wide for the aspect range is cut in the centre to the nearest allowed aspect.
    [InlineData(100, 1000, 0, 433, 100, 133)]
    [InlineData(1000, 100, 433, 0, 133, 100)]
    [InlineData(100, 110, 0, 0, 100, 110)]
    public void Fallback_is_the_largest_centred_crop(int width, int height, int x, int y, int w, int h) =>
        Assert.Equal(new Box(x, y, w, h), RandomCrops.Fallback(width, height, 4.0 / 3));

    private static byte[] Resize(Box crop, int width, int height, Box? part, Interpolation filter)
    {
        var box = part ?? new Box(0, 0, width, height);
        var target = new byte[box.Width * box.Height * 3];
        new Resampler().Resize(Source, SourceWidth * 3, crop, width, height, box, filter, target);
        return target;
    }

    // Pillow's ROTATE_90 turns anticlockwise, as orientation 8 does.
    private static (byte[] Pixels, int Width, int Height) Turned()
    {
        var buffer = new PixelBuffer();
        buffer.CopyFrom(new PixelImage(Source, SourceWidth, SourceHeight));
        var turned = new PixelBuffer();
        Orientation.Apply(buffer, 8, turned);
        return (turned.ToImage().Pixels, turned.Width, turned.Height);
    }

    private static (byte[] Pixels, int Width, int Height) Square() =>
        (Resize(new Box(0, 0, 50, 50), 50, 50, null, Interpolation.Bilinear), 50, 50);
}
