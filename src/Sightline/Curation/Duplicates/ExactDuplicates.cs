using Sightline.Curation.Pictures;

namespace Sightline.Curation.Duplicates;

/// <summary>Groups pictures with equal pixels.</summary>
internal static class ExactDuplicates
{
    /// <summary>For each picture the first one with the same pixels (-1 where it was not decoded), and the groups of several by their first.</summary>
    public static (int[] Originals, Dictionary<int, IReadOnlyList<int>> Copies) Group(IReadOnlyList<PictureFacts?> facts)
    {
        var originals = new int[facts.Count];
        var firsts = new Dictionary<UInt128, int>(facts.Count);
        var groups = new Dictionary<int, List<int>>();
        for (var i = 0; i < facts.Count; i++)
        {
            if (facts[i] is not { } picture)
            {
                originals[i] = -1;
                continue;
            }

            if (firsts.TryAdd(picture.PixelHash, i))
            {
                originals[i] = i;
                continue;
            }

            var first = firsts[picture.PixelHash];
            originals[i] = first;
            if (!groups.TryGetValue(first, out var group))
            {
                groups[first] = group = [first];
            }

            group.Add(i);
        }

        return (originals, groups.ToDictionary(pair => pair.Key, pair => (IReadOnlyList<int>)pair.Value));
    }
}
