namespace Sightline.Training;

/// <summary>Training loss against learning rate, and the rates that it suggests.</summary>
public sealed record LearningRateCurve
{
    /// <summary>Catalogue name of the model.</summary>
    public required string Model { get; init; }

    /// <summary>The rates that were tried, ascending.</summary>
    public required IReadOnlyList<double> Rates { get; init; }

    /// <summary>The loss of each batch, nats.</summary>
    public required IReadOnlyList<double> Losses { get; init; }

    /// <summary>The losses as a moving mean.</summary>
    public required IReadOnlyList<double> Smoothed { get; init; }

    /// <summary>Half-way down the longest fall of the loss: fastai's suggestion, a good peak for one-cycle and cosine. null: the loss never fell.</summary>
    public required double? Valley { get; init; }

    /// <summary>Where the loss falls fastest; null: too few steps.</summary>
    public required double? Steepest { get; init; }

    /// <summary>Whether the loss rose so far that the sweep ended early, as it should.</summary>
    public required bool Diverged { get; init; }

    /// <summary>Suggestions from rates and smoothed losses, after leaving out the first tenth of the sweep and the last five steps.</summary>
    /// <remarks>fastai, callback/schedule.py (Apache-2.0): valley, steep and lr_find, written anew.</remarks>
    internal static (double? Valley, double? Steepest) Suggest(IReadOnlyList<double> rates, IReadOnlyList<double> smoothed, int steps)
    {
        var first = steps / 10;
        var points = Enumerable.Range(0, rates.Count).Skip(first).SkipLast(5).Where(i => double.IsFinite(smoothed[i])).ToArray();
        return points.Length < 2
            ? (null, null)
            : (Lowland([.. points.Select(i => rates[i])], [.. points.Select(i => smoothed[i])]), Fastest([.. points.Select(i => rates[i])], [.. points.Select(i => smoothed[i])]));
    }

    // The longest falling subsequence, its length counted from its last point back; 100 points make the square harmless.
    private static double? Lowland(double[] rates, double[] losses)
    {
        var lengths = new int[losses.Length];
        Array.Fill(lengths, 1);
        var end = 0;
        for (var i = 1; i < losses.Length; i++)
        {
            for (var j = 0; j < i; j++)
            {
                if (losses[i] < losses[j] && lengths[i] < lengths[j] + 1)
                {
                    lengths[i] = lengths[j] + 1;
                }
            }

            end = lengths[end] < lengths[i] ? i : end;
        }

        if (lengths[end] == 1)
        {
            return null;
        }

        var start = end - lengths[end];
        var section = (end - start) / 3.0;
        return rates[Math.Clamp(start + (int)section + (int)(section / 2), 0, rates.Length - 1)];
    }

    private static double Fastest(double[] rates, double[] losses)
    {
        var best = 0;
        double Slope(int i) => (losses[i + 1] - losses[i]) / Math.Log(rates[i + 1] / rates[i]);
        for (var i = 1; i < losses.Length - 1; i++)
        {
            best = Slope(i) < Slope(best) ? i : best;
        }

        return rates[best];
    }
}
