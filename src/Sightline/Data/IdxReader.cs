using System.Security.Cryptography;
using System.Text;

namespace Sightline.Data;

/// <summary>A folder with the four files of MNIST's kind: <c>train-</c> and <c>t10k-</c>, pictures and labels, compressed or not.</summary>
internal static class IdxReader
{
    private const long MaximumBytes = 1L << 31;

    // The labels file of the set by Xiao, Rasul and Vollgraf 2017; the names are from its README's table.
    private const string FashionLabelsSha256 = "657fbd221bfc9f4198cc14b5619cc33ec57c58dd0e47af4d99d6650759e869a7";

    private static readonly string[] FashionClasses =
        ["T-shirt/top", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot"];

    /// <summary>Whether the folder holds at least one of the four files.</summary>
    public static bool Recognises(string folder) =>
        Find(folder, "train", "images", 3) is not null || Find(folder, "t10k", "images", 3) is not null ||
        Find(folder, "train", "labels", 1) is not null;

    public static ImageDataset Open(string location, SplitOptions split)
    {
        var (trainImages, trainLabels) = ReadPair(location, "train") ?? throw new DataException(
            $"'{location}' has no training part; it needs train-images-idx3-ubyte and train-labels-idx1-ubyte, each with or without .gz.");
        var testPair = ReadPair(location, "t10k");
        var parts = new List<(string, IdxFile)> { ("train", trainImages) };
        if (testPair is { } pair)
        {
            if (!pair.Images.Dimensions.AsSpan(1).SequenceEqual(trainImages.Dimensions.AsSpan(1)))
            {
                throw new DataException(
                    $"The pictures of '{pair.Images.Path}' are {pair.Images.Dimensions[2]} x {pair.Images.Dimensions[1]} pixels, those of " +
                    $"'{trainImages.Path}' {trainImages.Dimensions[2]} x {trainImages.Dimensions[1]}. Both parts must have one size.");
            }

            parts.Add(("test", pair.Images));
        }

        var classes = ClassNames(location, trainLabels, testPair?.Labels);
        var train = Examples(trainLabels, 0);
        var test = testPair is { } t ? Examples(t.Labels, train.Count) : null;
        var draft = new SplitDraft(classes, train, null, test);
        var notices = new List<DataNotice>();
        var done = Splits.Complete(draft, split, location, notices, carveTest: test is null);
        return new ImageDataset
        {
            Location = location,
            Version = HashAll(trainImages, trainLabels, testPair, classes, done),
            Classes = classes,
            Images = new IdxImages(parts),
            Train = done.Train,
            Validation = done.Validation,
            Test = done.Test,
            HasGivenTest = test is not null,
            Notices = notices,
        };
    }

    private static (IdxFile Images, IdxFile Labels)? ReadPair(string folder, string part)
    {
        var images = Find(folder, part, "images", 3);
        var labels = Find(folder, part, "labels", 1);
        if (images is null && labels is null)
        {
            return null;
        }

        if (images is null || labels is null)
        {
            var (there, missing) = images is null ? (labels, $"{part}-images-idx3-ubyte") : (images, $"{part}-labels-idx1-ubyte");
            throw new DataException($"'{there}' is there but '{missing}' (or '{missing}.gz') is not. Put both into '{folder}'.");
        }

        var pictures = IdxFile.Read(images, 3, MaximumBytes - 64);
        var numbers = IdxFile.Read(labels, 1, MaximumBytes - 64);
        if (pictures.Dimensions[0] != numbers.Dimensions[0])
        {
            throw new DataException($"'{images}' holds {pictures.Dimensions[0]} pictures but '{labels}' {numbers.Dimensions[0]} labels. They do not belong together.");
        }

        if (pictures.Elements.Length == 0)
        {
            throw new DataException($"'{images}' holds no pictures ({string.Join(" x ", pictures.Dimensions)}).");
        }

        return (pictures, numbers);
    }

    // Both spellings are in use: train-images-idx3-ubyte and train-images.idx3-ubyte.
    private static string? Find(string folder, string part, string kind, int dimensions) =>
        new[] { '-', '.' }
            .SelectMany(dash => new[] { "", ".gz" }.Select(end => Path.Combine(folder, $"{part}-{kind}{dash}idx{dimensions}-ubyte{end}")))
            .FirstOrDefault(File.Exists);

    private static List<Example> Examples(IdxFile labels, int first)
    {
        var examples = new List<Example>(labels.Elements.Length);
        for (var i = 0; i < labels.Elements.Length; i++)
        {
            examples.Add(new Example(first + i, labels.Elements[i]));
        }

        return examples;
    }

    // IDX has no names: those of classes.txt beside the files, of a set known by its content, else the numbers.
    private static IReadOnlyList<string> ClassNames(string folder, IdxFile train, IdxFile? test)
    {
        var count = train.Elements.Concat(test?.Elements ?? []).Max() + 1;
        var list = Path.Combine(folder, "classes.txt");
        if (File.Exists(list))
        {
            var names = File.ReadAllLines(list).Select(line => line.Trim()).Where(line => line.Length > 0).ToArray();
            if (names.Length < count || names.Distinct(StringComparer.Ordinal).Count() != names.Length)
            {
                throw new DataException(
                    $"'{list}' names {names.Length} classes ({names.Distinct(StringComparer.Ordinal).Count()} different); the labels need {count} " +
                    "different names, one a line, that of label 0 first.");
            }

            return names;
        }

        return Convert.ToHexStringLower(SHA256.HashData(train.Elements)) == FashionLabelsSha256
            ? FashionClasses
            : [.. Enumerable.Range(0, count).Select(number => number.ToString())];
    }

    private static string HashAll(
        IdxFile images, IdxFile labels, (IdxFile Images, IdxFile Labels)? test, IReadOnlyList<string> classes, SplitDraft splits)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var file in new[] { images, labels, test?.Images, test?.Labels })
        {
            hash.AppendData(Encoding.UTF8.GetBytes(file is null ? "none\n" : $"{string.Join('x', file.Dimensions)}\n"));
            hash.AppendData(file?.Elements ?? []);
        }

        splits.AppendTo(hash, classes);
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
