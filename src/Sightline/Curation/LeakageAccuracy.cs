using Sightline.Data;

namespace Sightline.Curation;

/// <summary>What leaked pictures do to a model's accuracy on one split.</summary>
/// <param name="Split"><c>test</c> or <c>validation</c>.</param>
/// <param name="Pictures">Pictures of the split.</param>
/// <param name="Leaked">Those that are in an earlier split too.</param>
/// <param name="Accuracy">The model's top-1 on all pictures of the split, 0..1; null where it does not know all their classes.</param>
/// <param name="AccuracyWithout">The same without the leaked pictures; null too where none is left.</param>
public sealed record LeakageAccuracy(string Split, int Pictures, int Leaked, double? Accuracy, double? AccuracyWithout)
{
    /// <summary>One line for each of validation and test that the data has.</summary>
    /// <param name="data">The data set.</param>
    /// <param name="leaked">The leaked pictures, such as <see cref="CheckReport.LeakedImages"/>.</param>
    /// <param name="isRight">Whether the model finds the label of each picture, in the order training, validation, test; null: it does not know the class.</param>
    public static IReadOnlyList<LeakageAccuracy> Of(ImageDataset data, IReadOnlyCollection<int> leaked, IReadOnlyList<bool?> isRight)
    {
        var without = leaked.ToHashSet();
        var lines = new List<LeakageAccuracy>();
        foreach (var (name, examples, first) in new[]
        {
            ("validation", data.Validation, data.Train.Count), ("test", data.Test, data.Train.Count + data.Validation.Count),
        })
        {
            var judged = examples.Select((example, row) => (IsLeaked: without.Contains(example.Index), IsRight: isRight[first + row])).ToList();
            if (judged.Count > 0)
            {
                var clean = judged.Where(picture => !picture.IsLeaked).ToList();
                lines.Add(new LeakageAccuracy(
                    name, judged.Count, judged.Count - clean.Count, Share(judged.Select(picture => picture.IsRight)), Share(clean.Select(picture => picture.IsRight))));
            }
        }

        return lines;
    }

    /// <summary>Share of right answers, 0..1; null where there is no picture, or the class of one is not known.</summary>
    internal static double? Share(IEnumerable<bool?> judged)
    {
        var all = judged.ToList();
        return all.Count == 0 || all.Contains(null) ? null : all.Count(right => right == true) / (double)all.Count;
    }
}
