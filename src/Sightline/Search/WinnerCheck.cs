using Sightline.Runs;
using Sightline.Search.Report;
using Sightline.Tuning;

namespace Sightline.Search;

/// <summary>Trains the best trials of a study again with other seeds before one is named the winner: the best of many is partly luck.</summary>
/// <remarks>Optuna's issue 2880 tells of a best value of 0.708 that was 0.480 when repeated.</remarks>
internal static class WinnerCheck
{
    /// <summary>How many trials are trained again, and with how many seeds each.</summary>
    public const int Count = 3;

    /// <summary>Trains the best trials, and the recipe as it is, with seeds that no trial has seen.</summary>
    /// <param name="objective">Trains.</param>
    /// <param name="best">The best trials, the best first.</param>
    /// <param name="seed">The recipe's seed; the repeats take the ones after it.</param>
    /// <param name="folder">Where the runs go; what is there is gone on with.</param>
    /// <param name="withRecipe">Whether the recipe without changes is trained as well, to compare with.</param>
    /// <param name="tell">Told each figure; null for silence.</param>
    /// <param name="cancellationToken">Leaves checkpoints.</param>
    /// <returns>A row each, by mean validation accuracy; the first that is a trial is the winner.</returns>
    public static IReadOnlyList<WinnerRow> Run(
        ImageObjective objective, IReadOnlyList<(int Number, Configuration Configuration)> best, long seed, string folder, bool withRecipe, Action<string>? tell,
        CancellationToken cancellationToken)
    {
        var candidates = best.Take(Count).Select(trial => ((int?)trial.Number, trial.Configuration)).ToList();
        if (withRecipe)
        {
            candidates.Add((null, new Configuration([])));
        }

        var rows = new List<WinnerRow>();
        foreach (var (number, configuration) in candidates)
        {
            var (validation, test) = (new List<double>(), new List<double>());
            for (var i = 1; i <= Count; i++)
            {
                var name = $"winner-{(number is { } trial ? $"{trial}" : "recipe")}-seed-{seed + i}";
                var run = objective.Repeat(configuration, seed + i, folder, name, cancellationToken);
                validation.Add(run.ReadEvents().Last(told => told.Kind == "end").ValidationAccuracy ?? double.NaN);
                test.AddRange(TestAccuracy(run));
                tell?.Invoke(FormattableString.Invariant($"{name}: validation {validation[^1]:p2}{(test.Count > 0 ? FormattableString.Invariant($", test {test[^1]:p2}") : "")}"));
            }

            rows.Add(new WinnerRow(number, configuration, validation, test));
        }

        return [.. rows.OrderByDescending(row => row.Validation.Average())];
    }

    /// <summary>The deviation of a sample; 0 for a single value.</summary>
    public static double Deviation(IReadOnlyList<double> values)
    {
        var mean = values.Average();
        return values.Count < 2 ? 0 : Math.Sqrt(values.Sum(value => (value - mean) * (value - mean)) / (values.Count - 1));
    }

    // The report says which split it is of; without a test split it is of validation.
    private static IEnumerable<double> TestAccuracy(RunFolder run)
    {
        using var report = System.Text.Json.JsonDocument.Parse(File.ReadAllText(run.ReportJson));
        if (report.RootElement.GetProperty("split").GetString() == "test")
        {
            yield return report.RootElement.GetProperty("evaluation").GetProperty("accuracy").GetDouble();
        }
    }
}
