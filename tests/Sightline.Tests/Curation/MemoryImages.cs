using Sightline.Data;

namespace Sightline.Tests.Curation;

/// <summary>Pictures in memory, by name.</summary>
internal sealed class MemoryImages(IReadOnlyList<(string Name, PixelImage Picture)> pictures) : IImageSource
{
    public int Count => pictures.Count;

    public string Name(int index) => pictures[index].Name;

    public PixelImage Decode(int index, int shortSide) => pictures[index].Picture;

    /// <summary>A data set of pictures called <c>split/class/…</c>.</summary>
    public static ImageDataset Dataset(params (string Name, PixelImage Picture)[] pictures)
    {
        var classes = pictures.Select(entry => entry.Name.Split('/')[1]).Distinct().Order(StringComparer.Ordinal).ToArray();
        Example[] Of(string split) => [.. pictures.Index()
            .Where(entry => entry.Item.Name.StartsWith(split + "/", StringComparison.Ordinal))
            .Select(entry => new Example(entry.Index, Array.IndexOf(classes, entry.Item.Name.Split('/')[1])))];
        return new ImageDataset
        {
            Location = "in memory",
            Version = "0123456789abcdef",
            Classes = classes,
            Images = new MemoryImages(pictures),
            Train = Of("train"),
            Validation = Of("validation"),
            Test = Of("test"),
            Notices = [],
        };
    }

    /// <summary>Soft blobs of colour, different for each seed.</summary>
    public static PixelImage Scene(int seed, int width = 48, int height = 40)
    {
        var random = new Random(seed);
        var blobs = Enumerable.Range(0, 9).Select(_ => (
            X: random.NextDouble() * width, Y: random.NextDouble() * height, Radius: (0.1 + (random.NextDouble() * 0.25)) * width,
            Colour: new[] { random.NextDouble() - 0.5, random.NextDouble() - 0.5, random.NextDouble() - 0.5 })).ToArray();
        return Draw(width, height, (x, y, channel) => 128 + (160 * blobs.Sum(blob =>
            blob.Colour[channel] * Math.Exp(-(((x - blob.X) * (x - blob.X)) + ((y - blob.Y) * (y - blob.Y))) / (2 * blob.Radius * blob.Radius)))));
    }

    public static PixelImage Draw(int width, int height, Func<int, int, int, double> level)
    {
        var pixels = new byte[width * height * 3];
        for (var i = 0; i < pixels.Length; i++)
        {
            pixels[i] = (byte)Math.Clamp(Math.Round(level(i / 3 % width, i / 3 / width, i % 3)), 0, 255);
        }

        return new PixelImage(pixels, width, height);
    }

    /// <summary>Each level changed.</summary>
    public static PixelImage Change(PixelImage picture, Func<byte, double> level) =>
        Draw(picture.Width, picture.Height, (x, y, channel) => level(picture.Pixels[(((y * picture.Width) + x) * 3) + channel]));

    public static PixelImage Mirror(PixelImage picture) =>
        Draw(picture.Width, picture.Height, (x, y, channel) => picture.Pixels[(((y * picture.Width) + picture.Width - 1 - x) * 3) + channel]);

    /// <summary>By a quarter, clockwise.</summary>
    public static PixelImage Turn(PixelImage picture) =>
        Draw(picture.Height, picture.Width, (x, y, channel) => picture.Pixels[((((picture.Height - 1 - x) * picture.Width) + y) * 3) + channel]);
}
