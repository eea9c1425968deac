using Sightline.Data;

namespace Sightline.Tests.Curation.Labels;

/// <summary>Pictures of 16 x 16 px in memory: each class has a grey level of its own, with some noise.</summary>
internal sealed class TinyPictures(IReadOnlyList<int> looks, int classes) : IImageSource
{
    private const int Side = 16;

    public int Count => looks.Count;

    /// <summary>A data set whose pictures look like <paramref name="looks"/> and are labelled so, but for the labels given by picture.</summary>
    public static ImageDataset Dataset(int[] looks, string[] classes, Dictionary<int, int>? labels = null, int validation = 0, int test = 0)
    {
        var examples = looks.Select((look, i) => new Example(i, labels?.GetValueOrDefault(i, look) ?? look)).ToArray();
        var train = examples.Length - validation - test;
        return new ImageDataset
        {
            Location = "tiny",
            Version = new string('0', 64),
            Classes = classes,
            Images = new TinyPictures(looks, classes.Length),
            Train = examples[..train],
            Validation = examples[train..(train + validation)],
            Test = examples[(train + validation)..],
            Notices = [],
        };
    }

    public string Name(int index) => $"tiny/{index:D3}.png";

    public PixelImage Decode(int index, int shortSide)
    {
        var random = new RandomStream(Seeds.Mix(1, index));
        var pixels = new byte[Side * Side * 3];
        for (var i = 0; i < pixels.Length; i++)
        {
            pixels[i] = (byte)(20 + (200 * looks[index] / classes) + random.NextInt(30));
        }

        return new PixelImage(pixels, Side, Side);
    }
}
