using Sightline.Models;

namespace Sightline.Training;

/// <summary>Which intermediate results of the forward pass are computed again in the backward pass instead of being kept (Chen et al. 2016).</summary>
public enum Checkpointing
{
    /// <summary>All are kept: fastest.</summary>
    Off,

    /// <summary>Each stage, the blocks of one resolution, keeps its input and is computed again; the last keeps all.</summary>
    Stages,

    /// <summary>As with stages, but cut where the memory's peak is lowest: in the middle of a wide stage, or over several narrow ones.</summary>
    Balanced,
}

/// <summary>Cuts a network's chain of parts into stretches that are computed again.</summary>
internal static class CheckpointCuts
{
    /// <summary>The first part of each stretch, 0 first; the last stretch is kept, not computed again.</summary>
    /// <param name="parts">The network's parts.</param>
    /// <param name="checkpointing">Where to cut.</param>
    public static IReadOnlyList<int> Of(IReadOnlyList<PartCost> parts, Checkpointing checkpointing) => checkpointing switch
    {
        Checkpointing.Off => [0],
        Checkpointing.Stages => Stages(parts),
        _ => Balanced(parts),
    };

    /// <summary>Elements for one picture at the worst point of the backward pass: stretches' inputs, and all that one stretch keeps.</summary>
    public static long Peak(IReadOnlyList<PartCost> parts, IReadOnlyList<int> cuts)
    {
        var (inputs, peak) = (0L, 0L);
        for (var i = 0; i < cuts.Count; i++)
        {
            var end = i + 1 < cuts.Count ? cuts[i + 1] : parts.Count;
            inputs += parts[cuts[i]].Input;
            peak = Math.Max(peak, inputs + Kept(parts, cuts[i], end));
        }

        return peak;
    }

    // What comes after the last blocks (pooling, classifier) has side 1 and is no stage of its own.
    private static List<int> Stages(IReadOnlyList<PartCost> parts)
    {
        var cuts = new List<int> { 0 };
        for (var i = 1; i < parts.Count; i++)
        {
            if (parts[i].CanStart && parts[i].Side > 1 && parts[i].Side != parts[i - 1].Side)
            {
                cuts.Add(i);
            }
        }

        return cuts;
    }

    // The lowest peak by bisection; then, within that bound, the longest last stretch, since it costs no time.
    private static List<int> Balanced(IReadOnlyList<PartCost> parts)
    {
        var starts = Enumerable.Range(0, parts.Count).Where(i => i == 0 || parts[i].CanStart).ToList();
        var kept = starts.Select((start, i) => Kept(parts, start, i + 1 < starts.Count ? starts[i + 1] : parts.Count)).ToList();
        var (low, high) = (0L, parts[0].Input + kept.Sum());
        while (low < high)
        {
            var middle = low + ((high - low) / 2);
            (low, high) = Within(middle, starts.Count) is null ? (middle + 1, high) : (low, middle);
        }

        for (var last = 1; last < starts.Count; last++)
        {
            if (Within(high, last) is { } cuts && Peak(parts, [.. cuts, starts[last]]) <= high)
            {
                return [.. cuts, starts[last]];
            }
        }

        return [0];

        // Stretches as long as the bound allows: fewer and later cuts leave the least behind for those that follow.
        List<int>? Within(long bound, int end)
        {
            var (cuts, inputs, sum) = (new List<int> { 0 }, parts[0].Input, 0L);
            for (var i = 0; i < end; i++)
            {
                sum += kept[i];
                if (inputs + sum > bound)
                {
                    cuts.Add(starts[i]);
                    inputs += parts[starts[i]].Input;
                    sum = kept[i];
                    if (i == 0 || inputs + sum > bound)
                    {
                        return null;
                    }
                }
            }

            return cuts;
        }
    }

    private static long Kept(IReadOnlyList<PartCost> parts, int from, int to)
    {
        var sum = 0L;
        for (var i = from; i < to; i++)
        {
            sum += parts[i].Kept;
        }

        return sum;
    }
}
