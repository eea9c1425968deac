using Sightline.Numerics;

namespace Sightline.Tuning;

/// <summary>How much each parameter matters for being among the best tenth: how far its density among those differs from that among all trials.</summary>
/// <remarks>Watanabe et al. 2023, "PED-ANOVA", with the grid, bandwidth and prior of optuna/importance/_ped_anova (MIT): 50 grid steps, Scott's rule.</remarks>
internal static class PedAnova
{
    private const double TopShare = 0.1;
    private const int MinTop = 2;
    private const int Steps = 50;
    private const double Floor = 1e-12;
    // Within half a grid step 90 % of a kernel's mass: a narrower one would fall between the places.
    private const double SmallestSigma = 0.5 / 1.64;

    /// <summary>The importance of each parameter with more than one value; they sum to 1. Empty with fewer than three trials.</summary>
    /// <param name="space">The parameters.</param>
    /// <param name="trials">Configurations with their losses, smaller is better; not finite ones are left out.</param>
    public static IReadOnlyDictionary<string, double> Of(SearchSpace space, IReadOnlyList<(Configuration Configuration, double Loss)> trials)
    {
        var divergences = new Dictionary<string, double>(StringComparer.Ordinal);
        foreach (var parameter in space.Parameters.Where(parameter => parameter.Count != 1))
        {
            var known = trials.Where(trial => double.IsFinite(trial.Loss) && trial.Configuration.Values.TryGetValue(parameter.Name, out var value) && parameter.Contains(value)).ToList();
            if (known.Count > MinTop)
            {
                var sorted = known.Select(trial => trial.Loss).Order().ToList();
                var cut = sorted[Math.Max(MinTop, (int)Math.Ceiling(TopShare * sorted.Count)) - 1];
                var all = Density(parameter, [.. known.Select(trial => trial.Configuration.Values[parameter.Name])]);
                var top = Density(parameter, [.. known.Where(trial => trial.Loss <= cut).Select(trial => trial.Configuration.Values[parameter.Name])]);
                divergences[parameter.Name] = all.Zip(top, (whole, best) => (whole + Floor) * Math.Pow(((best + Floor) / (whole + Floor)) - 1, 2)).Sum();
            }
        }

        var sum = divergences.Values.Sum();
        return divergences.ToDictionary(entry => entry.Key, entry => sum > 0 ? entry.Value / sum : 1.0 / divergences.Count);
    }

    /// <summary>The probability of each place of a parameter's grid.</summary>
    internal static double[] Density(Parameter parameter, IReadOnlyList<ParameterValue> values) =>
        parameter is CategoricalParameter categorical ? Choices(categorical, values) : Places(Counts(parameter, values));

    private static double[] Choices(CategoricalParameter parameter, IReadOnlyList<ParameterValue> values)
    {
        var counts = new double[parameter.Choices.Count];
        foreach (var value in values)
        {
            counts[(int)parameter.Code(value)]++;
        }

        // One kernel per choice seen and a uniform prior; each kernel gives 1/kernels to every choice and 1 more to its own.
        var kernels = counts.Count(count => count > 0) + 1;
        var spread = 1.0 / kernels;
        var scale = 1 + (spread * counts.Length);
        return [.. counts.Select(own => ((own + (values.Count * spread)) / scale / (values.Count + 1)) + (1.0 / counts.Length / (values.Count + 1)))];
    }

    private static double[] Counts(Parameter parameter, IReadOnlyList<ParameterValue> values)
    {
        var range = NumericParameter.RangeOf(parameter)!.Value; // Not categorical, so a number.
        var steps = range.Log && range.Step is not null ? Math.Min(Steps, (int)Math.Ceiling(Math.Log2(range.High - range.Low + 1)) + 1)
            : range.Count is { } count ? (int)Math.Min(Steps, count) : Steps;
        var (low, high) = (range.ToAxis(range.Low), range.ToAxis(range.High));
        var width = (high - low) / (steps - 1);
        var counts = new double[steps];
        foreach (var value in values)
        {
            // The place whose half-step below holds the value.
            counts[Math.Clamp((int)Math.Ceiling(((range.ToAxis(value.Number) - low) / width) - 0.5 - 1e-12), 0, steps - 1)]++;
        }

        return counts;
    }

    private static double[] Places(double[] counts)
    {
        var total = counts.Sum();
        var seen = Enumerable.Range(0, counts.Length).Where(place => counts[place] > 0).ToArray();
        var mean = seen.Sum(place => place * counts[place]) / total;
        var deviation = Math.Sqrt(seen.Sum(place => counts[place] * (place - mean) * (place - mean)) / Math.Max(1, total - 1));
        var range = At(seen, counts, Math.Floor(total * 3 / 4), isAbove: true) - At(seen, counts, Math.Floor(total / 4), isAbove: false);
        var sigma = Math.Max(1.059 * Math.Min(range / 1.34, deviation) * Math.Pow(total, -0.2), SmallestSigma);

        var density = new double[counts.Length];
        foreach (var place in seen)
        {
            Add(density, place, sigma, counts[place] / (total + 1));
        }

        Add(density, 0.5 * (counts.Length - 1), counts.Length, 1 / (total + 1));
        return density;
    }

    // The place at which the running count reaches a number, or passes it.
    private static int At(int[] seen, double[] counts, double number, bool isAbove)
    {
        var running = 0.0;
        foreach (var place in seen)
        {
            running += counts[place];
            if (isAbove ? running > number : running >= number)
            {
                return place;
            }
        }

        return seen[^1];
    }

    private static void Add(double[] density, double mean, double sigma, double weight)
    {
        var all = NormalDistribution.Cdf((density.Length - 0.5 - mean) / sigma) - NormalDistribution.Cdf((-0.5 - mean) / sigma);
        for (var place = 0; place < density.Length; place++)
        {
            var mass = NormalDistribution.Cdf((place + 0.5 - mean) / sigma) - NormalDistribution.Cdf((place - 0.5 - mean) / sigma);
            density[place] += weight * mass / all;
        }
    }
}
