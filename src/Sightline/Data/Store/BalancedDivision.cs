namespace Sightline.Data.Store;

/// <summary>Pictures that stay together.</summary>
/// <param name="Members">Their positions.</param>
internal sealed record SplitUnit(IReadOnlyList<int> Members);

/// <summary>Deals units into bins so that each class comes as near to its number in each bin as whole units allow.</summary>
/// <remarks>
/// Large units first, each to the bin that lacks most of the unit's classes, in proportion to what that bin is to have. Units of one picture
/// fill the numbers exactly; the greedy order for groups is that of scikit-learn's StratifiedGroupKFold (sklearn/model_selection/_split.py).
/// </remarks>
internal static class BalancedDivision
{
    /// <param name="units">The units; each picture in one.</param>
    /// <param name="labels">The class of each picture.</param>
    /// <param name="targets">Per bin and class, how many pictures it is to have; 0 keeps a class out while others have room.</param>
    /// <param name="random">Decides among equal units.</param>
    /// <returns>The bin of each unit.</returns>
    public static int[] Deal(IReadOnlyList<SplitUnit> units, IReadOnlyList<int> labels, double[][] targets, RandomStream random)
    {
        var order = Enumerable.Range(0, units.Count).ToArray();
        random.Shuffle<int>(order);
        Array.Sort(order.Select((unit, rank) => (-units[unit].Members.Count, rank)).ToArray(), order);
        var have = targets.Select(target => new double[target.Length]).ToArray();
        var sizes = new double[targets.Length];
        var bins = new int[units.Count];
        foreach (var unit in order)
        {
            var counts = units[unit].Members.GroupBy(member => labels[member]).Select(group => (Label: group.Key, Count: group.Count())).ToArray();
            var best = Best(counts, targets, have, sizes);
            bins[unit] = best;
            sizes[best] += units[unit].Members.Count;
            foreach (var (label, count) in counts)
            {
                have[best][label] += count;
            }
        }

        return bins;
    }

    private static int Best((int Label, int Count)[] counts, double[][] targets, double[][] have, double[] sizes)
    {
        var best = 0;
        var (bestScore, bestFill) = (double.NegativeInfinity, double.PositiveInfinity);
        for (var bin = 0; bin < targets.Length; bin++)
        {
            var score = 0.0;
            foreach (var (label, count) in counts)
            {
                var target = targets[bin][label];
                // A bin that is to have none is as good as one that is full already.
                score += target > 0 ? count * (target - have[bin][label]) / target : -count * have[bin][label];
            }

            var fill = sizes[bin] / Math.Max(1, targets[bin].Sum());
            if (score > bestScore + 1e-9 || (score > bestScore - 1e-9 && fill < bestFill))
            {
                (best, bestScore, bestFill) = (bin, score, fill);
            }
        }

        return best;
    }
}
