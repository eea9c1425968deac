namespace Sightline.Tuning;

/// <summary>Finds configurations that are still untried.</summary>
internal static class RemainingConfigurations
{
    private const long LargestEnumerated = 2_000_000;

    /// <summary>Any configuration that may be tried; null where none is found.</summary>
    public static Configuration? Any(StudyView study, int number)
    {
        // Random draws are quickest while much is left; the enumeration settles the rest of a finite space.
        const int draws = 500;
        var random = study.Stream(number, purpose: -1);
        for (var i = 0; i < draws; i++)
        {
            var configuration = RandomSampler.Draw(study.Space, ref random);
            if (study.MayTry(configuration))
            {
                return configuration;
            }
        }

        return study.Space.Parameters.All(parameter => parameter.Count is not null)
            ? Grid(study, points: 1).FirstOrDefault(study.MayTry) : null;
    }

    /// <summary>Every configuration of the grid once, in an order that soon covers the whole of it.</summary>
    /// <param name="study">Its space is enumerated.</param>
    /// <param name="points">Into how many values a continuous range is cut.</param>
    public static IEnumerable<Configuration> Grid(StudyView study, int points)
    {
        var parameters = study.Space.Parameters;
        var counts = parameters.Select(parameter => parameter.Count ?? points).ToArray();
        var product = counts.Aggregate(1.0, (all, count) => all * count);
        if (product > LargestEnumerated)
        {
            throw new SettingsException($"The grid has {product:g3} configurations; at most {LargestEnumerated} are enumerated. " +
                "Use fewer values, a step, or the sampler sobol.");
        }

        var total = (long)product;
        // A stride near the golden section, prime to the total, visits every index once and no corner last (Weyl's sequence).
        var stride = Math.Max(1, (long)(total * 0.6180339887498949));
        while (Gcd(stride, total) != 1)
        {
            stride++;
        }

        var start = (long)(Seeds.Mix(study.Options.Seed, total) % (ulong)total);
        for (long i = 0; i < total; i++)
        {
            var index = (start + (long)((UInt128)(ulong)i * (ulong)stride % (ulong)total)) % total;
            if (At(study.Space, counts, index, points) is { } configuration)
            {
                yield return configuration;
            }
        }
    }

    /// <summary>The configuration of an index in mixed radix; null where an inactive parameter has another digit than 0, a repetition.</summary>
    private static Configuration? At(SearchSpace space, long[] counts, long index, int points)
    {
        var digits = new Dictionary<string, long>(StringComparer.Ordinal);
        for (var i = counts.Length - 1; i >= 0; i--)
        {
            digits[space.Parameters[i].Name] = index % counts[i];
            index /= counts[i];
        }

        var configuration = space.Build(parameter => parameter.At(digits[parameter.Name], points));
        return digits.All(digit => digit.Value == 0 || configuration.Has(digit.Key)) ? configuration : null;
    }

    private static long Gcd(long a, long b) => b == 0 ? a : Gcd(b, a % b);
}
