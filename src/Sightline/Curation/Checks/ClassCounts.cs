using Sightline.Data;

namespace Sightline.Curation.Checks;

/// <summary>Pictures of each class.</summary>
internal static class ClassCounts
{
    public static int[] Of(IReadOnlyList<Example> examples, int classes) => Of(examples.Select(example => example.Label), classes);

    public static int[] Of(IEnumerable<int> labels, int classes)
    {
        var counts = new int[classes];
        foreach (var label in labels)
        {
            counts[label]++;
        }

        return counts;
    }
}
