using Sightline.Data;

namespace Sightline.Curation.Checks;

/// <summary>Pictures of each class.</summary>
internal static class ClassCounts
{
    public static int[] Of(IReadOnlyList<Example> examples, int classes)
    {
        var counts = new int[classes];
        foreach (var example in examples)
        {
            counts[example.Label]++;
        }

        return counts;
    }
}
