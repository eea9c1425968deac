namespace Sightline.Data;

/// <summary>One place of an epoch's order.</summary>
/// <param name="Example">Position among the examples.</param>
/// <param name="Copy">Which appearance of this example in the epoch, from 0.</param>
internal readonly record struct SampleDraw(int Example, int Copy);

/// <summary>The order of an epoch, from seed and epoch alone.</summary>
internal static class SampleOrder
{
    /// <summary>As many draws as there are examples.</summary>
    public static SampleDraw[] Of(IReadOnlyList<Example> examples, LoaderOptions options, int epoch)
    {
        if (!options.Shuffle)
        {
            return [.. Enumerable.Range(0, examples.Count).Select(i => new SampleDraw(i, 0))];
        }

        // No picture has the number -1, so this stream is not one of theirs.
        var random = new RandomStream(Seeds.Mix(options.Seed, epoch, -1));
        var order = options.Sampling == Sampling.Balanced
            ? Balanced(examples, options.SamplingPower, ref random)
            : [.. Enumerable.Range(0, examples.Count).Select(i => new SampleDraw(i, 0))];
        random.Shuffle<SampleDraw>(order);
        return options.Repeats == 1 ? order : Repeated(order, options);
    }

    /// <summary>
    /// A fixed number of draws per class, in proportion to its count to a power (Kang et al. 2020, equation 1); within a class all pictures appear equally
    /// often, give or take one. Drawing each picture at random instead would leave some out and show others many times.
    /// </summary>
    private static SampleDraw[] Balanced(IReadOnlyList<Example> examples, double power, ref RandomStream random)
    {
        var classes = Enumerable.Range(0, examples.Count).GroupBy(i => examples[i].Label).OrderBy(group => group.Key).Select(group => group.ToArray()).ToList();
        var weights = classes.ConvertAll(members => Math.Pow(members.Length, power));
        var quotas = Quotas(weights, examples.Count);
        var draws = new List<SampleDraw>(examples.Count);
        for (var c = 0; c < classes.Count; c++)
        {
            random.Shuffle<int>(classes[c]);
            for (var i = 0; i < quotas[c]; i++)
            {
                draws.Add(new SampleDraw(classes[c][i % classes[c].Length], i / classes[c].Length));
            }
        }

        return [.. draws];
    }

    // Largest remainders, so that the quotas add up to the whole.
    private static int[] Quotas(List<double> weights, int total)
    {
        var sum = weights.Sum();
        var exact = weights.ConvertAll(weight => total * weight / sum);
        int[] quotas = [.. exact.Select(value => (int)value)];
        foreach (var c in Enumerable.Range(0, quotas.Length).OrderByDescending(c => exact[c] - quotas[c]).ThenBy(c => c).Take(total - quotas.Sum()).ToList())
        {
            quotas[c]++;
        }

        return quotas;
    }

    /// <summary>
    /// Each batch holds a part of its pictures, one after the other, and all of them again (Hoffer et al. 2020). A picture never stands beside its own copy, so
    /// that MixUp still mixes different ones.
    /// </summary>
    private static SampleDraw[] Repeated(SampleDraw[] order, LoaderOptions options)
    {
        var distinct = options.BatchSize / options.Repeats;
        var result = new SampleDraw[order.Length];
        for (var i = 0; i < result.Length; i++)
        {
            var (batch, place) = Math.DivRem(i, options.BatchSize);
            var drawn = order[(batch * distinct) + (place % distinct)];
            result[i] = drawn with { Copy = (drawn.Copy * options.Repeats) + (place / distinct) };
        }

        return result;
    }
}
