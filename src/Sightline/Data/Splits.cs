using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Sightline.Data;

/// <summary>How a data set without splits is divided. The same options and data give the same division.</summary>
public sealed record SplitOptions
{
    /// <summary>Seed of the division.</summary>
    public long Seed { get; init; } = 1;

    /// <summary>Share of the training pictures set aside for validation where the data has no validation split; above 0, below 1. Default 0.1.</summary>
    public double ValidationShare { get; init; } = 0.1;

    /// <summary>Share set aside for test where the data has no splits at all; 0 to below 1. Default 0.1.</summary>
    public double TestShare { get; init; } = 0.1;

    /// <summary>All problems with these values, empty when sound.</summary>
    public IEnumerable<string> Check()
    {
        if (ValidationShare is <= 0 or >= 1 or double.NaN)
        {
            yield return $"ValidationShare is {ValidationShare}; it must be above 0 and below 1. Pass --set validationShare=0.1.";
        }

        if (TestShare is < 0 or >= 1 or double.NaN)
        {
            yield return $"TestShare is {TestShare}; it must be from 0 to below 1. Pass --set testShare=0.1.";
        }

        if (ValidationShare + TestShare >= 1)
        {
            yield return $"ValidationShare {ValidationShare} and TestShare {TestShare} leave nothing to train on; their sum must be below 1.";
        }
    }
}

/// <summary>Splits as found (null where the data has none) and as completed.</summary>
internal sealed record SplitDraft(
    IReadOnlyList<string> Classes, IReadOnlyList<Example> Train, IReadOnlyList<Example>? FoundValidation, IReadOnlyList<Example>? FoundTest)
{
    public IReadOnlyList<Example> Validation => FoundValidation ?? [];

    public IReadOnlyList<Example> Test => FoundTest ?? [];

    /// <summary>Adds class names and, per split, the pictures with their labels to a hash.</summary>
    public void AppendTo(IncrementalHash hash, IReadOnlyList<string> classes)
    {
        foreach (var name in classes)
        {
            hash.AppendData(Encoding.UTF8.GetBytes(name + "\n"));
        }

        foreach (var split in new[] { Train, Validation, Test })
        {
            var bytes = new byte[4 + (split.Count * 8)];
            BinaryPrimitives.WriteInt32LittleEndian(bytes, split.Count);
            for (var i = 0; i < split.Count; i++)
            {
                BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(4 + (i * 8)), split[i].Index);
                BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(8 + (i * 8)), split[i].Label);
            }

            hash.AppendData(bytes);
        }
    }
}

/// <summary>Makes the splits that a data set lacks.</summary>
internal static class Splits
{
    /// <summary>
    /// Carves validation from training where it is missing, and test where asked for; each class by itself, so that shares of classes are kept.
    /// </summary>
    /// <remarks>
    /// Of n pictures of a class, at least 1 stays in training; with 2 or more at least 1 is validated, with 3 or more at least 1 tested.
    /// </remarks>
    public static SplitDraft Complete(SplitDraft found, SplitOptions options, string location, List<DataNotice> notices, bool carveTest)
    {
        var problems = options.Check().ToArray();
        if (problems.Length > 0)
        {
            throw new SettingsException(string.Join(' ', problems));
        }

        if (found.Classes.Count < 2)
        {
            throw new DataException(
                $"'{location}' has one class only ({string.Join(", ", found.Classes)}); a classifier needs at least two. Add a folder of pictures for another class.");
        }

        var done = found.FoundValidation is { Count: > 0 }
            ? found
            : Carve(found, options, carveTest, notices);
        if (done.Train.Count == 0)
        {
            throw new DataException($"'{location}' has no usable picture to train on. Put pictures into the folders of its training split.");
        }

        if (done.Validation.Count == 0)
        {
            throw new DataException(
                $"'{location}' has one picture per class at most, so none is left for validation. Add pictures: at least two of one class.");
        }

        ReportMissing(done, notices);
        return done;
    }

    private static SplitDraft Carve(SplitDraft found, SplitOptions options, bool carveTest, List<DataNotice> notices)
    {
        var train = new List<Example>();
        var validation = new List<Example>();
        var test = new List<Example>();
        foreach (var group in found.Train.GroupBy(example => example.Label).OrderBy(group => group.Key))
        {
            var members = group.ToArray();
            new RandomStream(Seeds.Mix(options.Seed, group.Key)).Shuffle<Example>(members);
            if (members.Length == 1)
            {
                notices.Add(new DataNotice("single-picture-class", found.Classes[group.Key], "It has one picture; that is trained on and the class is never validated."));
            }

            var forTest = carveTest && options.TestShare > 0 ? Portion(members.Length, options.TestShare, keep: 2) : 0;
            var forValidation = Math.Min(Portion(members.Length, options.ValidationShare, keep: 1), members.Length - forTest - 1);
            test.AddRange(members[..forTest]);
            validation.AddRange(members[forTest..(forTest + forValidation)]);
            train.AddRange(members[(forTest + forValidation)..]);
        }

        return found with
        {
            Train = Sorted(train),
            FoundValidation = Sorted(validation),
            FoundTest = carveTest ? Sorted(test) : found.FoundTest,
        };
    }

    // At least 1, but so that `keep` are left for the other splits.
    internal static int Portion(int count, double share, int keep)
    {
        var portion = (int)Math.Round(count * share, MidpointRounding.AwayFromZero);
        return count <= keep ? 0 : Math.Clamp(portion, 1, count - keep);
    }

    private static Example[] Sorted(List<Example> examples) => [.. examples.OrderBy(example => example.Index)];

    private static void ReportMissing(SplitDraft splits, List<DataNotice> notices)
    {
        foreach (var (name, examples) in new[] { ("train", splits.Train), ("validation", splits.Validation), ("test", splits.Test) })
        {
            if (examples.Count == 0)
            {
                continue;
            }

            var present = examples.Select(example => example.Label).ToHashSet();
            for (var label = 0; label < splits.Classes.Count; label++)
            {
                if (!present.Contains(label))
                {
                    notices.Add(new DataNotice(
                        "missing-class", $"{splits.Classes[label]} in {name}", $"The {name} split has no picture of this class; the class keeps its number {label}."));
                }
            }
        }
    }
}
