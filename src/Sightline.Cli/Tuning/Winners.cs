using System.Text.Json;
using Sightline.Search;
using Sightline.Search.Report;
using Sightline.Tuning;

namespace Sightline.Cli.Tuning;

/// <summary>A candidate that was trained again.</summary>
/// <param name="Trial">Its number; null for the recipe as it is.</param>
/// <param name="Configuration">Its values.</param>
/// <param name="ValidationAccuracies">One per seed.</param>
/// <param name="TestAccuracies">One per seed; empty without a test split.</param>
internal sealed record Winner(
    int? Trial, IReadOnlyDictionary<string, ParameterValue> Configuration, IReadOnlyList<double> ValidationAccuracies, IReadOnlyList<double> TestAccuracies)
{
    public double ValidationAccuracy => ValidationAccuracies.Average();

    public double ValidationDeviation => WinnerCheck.Deviation(ValidationAccuracies);

    public double? TestAccuracy => TestAccuracies.Count > 0 ? TestAccuracies.Average() : null;

    public double? TestDeviation => TestAccuracies.Count > 0 ? WinnerCheck.Deviation(TestAccuracies) : null;
}

/// <summary>The best trials of a study, trained again with other seeds: kept in the study's folder as <c>winners.json</c>.</summary>
internal static class Winners
{
    private const string FileName = "winners.json";

    /// <summary>Those of a study's folder, the best first; empty where none were trained.</summary>
    public static IReadOnlyList<Winner> Read(string folder)
    {
        var file = Path.Combine(folder, FileName);
        return File.Exists(file) ? JsonSerializer.Deserialize<List<Winner>>(File.ReadAllText(file), _options) ?? [] : [];
    }

    // What is computed from the figures is written too, for scripts, and passed over when read.
    private static readonly JsonSerializerOptions _options = new(SightlineJson.Indented) { UnmappedMemberHandling = System.Text.Json.Serialization.JsonUnmappedMemberHandling.Skip };

    /// <summary>Trains them and keeps the result.</summary>
    public static IReadOnlyList<Winner> Train(Study study, TrainingSpec training, decimal? price, string folder, Action<string> say, CancellationToken stop)
    {
        say($"The best trials and the recipe are trained again with {WinnerCheck.Count} other seeds.");
        var rows = WinnerCheck.Run(training.Objective(price, study.Options.Pruner), ImageStudy.Best(study), training.Recipe.Seed, Path.Combine(folder, "winners"), withRecipe: true, say, stop)
            .Select(row => new Winner(row.Number, row.Configuration.Values, row.Validation, row.Test)).ToList();
        AtomicFile.WriteText(Path.Combine(folder, FileName), JsonSerializer.Serialize(rows, _options) + "\n");
        return rows;
    }

    /// <summary>The same for the report.</summary>
    public static IReadOnlyList<WinnerRow> Rows(IReadOnlyList<Winner> winners) =>
        [.. winners.Select(winner => new WinnerRow(winner.Trial, new Configuration(winner.Configuration), winner.ValidationAccuracies, winner.TestAccuracies))];

    /// <summary>A recipe as <c>train --config</c> takes it: the study's, with a configuration.</summary>
    public static string RecipeJson(TrainingSpec training, Configuration configuration) =>
        JsonSerializer.Serialize(TrialSettings.Apply(training.Recipe, configuration), SightlineJson.Indented) + "\n";

    /// <summary>A candidate in a line.</summary>
    public static string Line(Winner winner) => FormattableString.Invariant(
        $"{(winner.Trial is { } number ? $"trial {number}" : "recipe"),-10} validation {100 * winner.ValidationAccuracy:f2} % +- {100 * winner.ValidationDeviation:f2}") +
        (winner.TestAccuracy is { } test ? FormattableString.Invariant($", test {100 * test:f2} % +- {100 * winner.TestDeviation:f2}") : "");
}
