using Sightline.Data;

namespace Sightline.Curation.Labels;

/// <summary>Divides pictures into folds of equal size and equal shares of classes, with clusters kept whole.</summary>
internal static class Folds
{
    /// <summary>The fold of each example, [N], 0..folds-1.</summary>
    /// <remarks>
    /// The largest clusters go first, each to the fold that has least of its classes as yet; scikit-learn's StratifiedGroupKFold works so too.
    /// Single pictures, last, then even out what clusters left uneven.
    /// </remarks>
    /// <exception cref="DataException">There are fewer clusters than folds.</exception>
    public static int[] Assign(IReadOnlyList<Example> examples, int folds, long seed, IReadOnlyList<IReadOnlyList<int>> clusters)
    {
        var groups = Groups(examples, clusters);
        if (groups.Length < folds)
        {
            throw new DataException(
                $"{examples.Count} pictures in {groups.Length} clusters cannot be divided into {folds} folds; there must be at least one cluster per fold. " +
                "Take fewer folds or add pictures.");
        }

        new RandomStream(Seeds.Mix(seed, folds)).Shuffle<int[]>(groups);
        var totals = examples.CountBy(example => example.Label).ToDictionary();
        var counts = Enumerable.Range(0, folds).Select(_ => totals.Keys.ToDictionary(label => label, _ => 0)).ToArray();
        var sizes = new int[folds];
        var assigned = new int[examples.Count];
        foreach (var group in groups.OrderByDescending(group => group.Length))
        {
            var fold = Enumerable.Range(0, folds)
                .OrderBy(f => group.Sum(i => counts[f][examples[i].Label] / (double)totals[examples[i].Label]))
                .ThenBy(f => sizes[f])
                .First();
            sizes[fold] += group.Length;
            foreach (var i in group)
            {
                assigned[i] = fold;
                counts[fold][examples[i].Label]++;
            }
        }

        return assigned;
    }

    // Places in the list of examples, cluster by cluster.
    private static int[][] Groups(IReadOnlyList<Example> examples, IReadOnlyList<IReadOnlyList<int>> clusters)
    {
        var places = new Dictionary<int, int>(examples.Count);
        for (var i = 0; i < examples.Count; i++)
        {
            places.TryAdd(examples[i].Index, i);
        }

        var sets = new DisjointSets(examples.Count);
        foreach (var cluster in clusters)
        {
            var members = cluster.Where(places.ContainsKey).Select(index => places[index]).ToArray();
            for (var i = 1; i < members.Length; i++)
            {
                sets.Join(members[0], members[i]);
            }
        }

        return sets.All();
    }
}
