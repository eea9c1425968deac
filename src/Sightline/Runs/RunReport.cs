using System.Text.Json;
using System.Text.Json.Serialization;
using Sightline.Evaluation;
using Sightline.Runs.Report;

namespace Sightline.Runs;

/// <summary>
/// The report of a run: <c>report.html</c>, one file that needs nothing else, and <c>report.json</c>, the same facts for scripts.
/// </summary>
public static class RunReport
{
    // A thousand classes have up to a million pairs; the confusion matrix holds them all.
    private const int MostPairs = 200;

    // NaN is a fact of a diverged run; plain JSON has no word for it, so it becomes the string "NaN".
    private static readonly JsonSerializerOptions _json = new(JsonSerializerDefaults.Web)
    {
        WriteIndented = true,
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase) },
    };

    /// <summary>Writes both files into a run's folder, each in whole or not at all.</summary>
    /// <param name="folder">An existing folder.</param>
    /// <param name="input">What to show.</param>
    public static void Write(string folder, RunReportInput input)
    {
        var (json, html) = (Json(input), Html(input));
        AtomicFile.WriteText(Path.Combine(folder, "report.json"), json);
        AtomicFile.WriteText(Path.Combine(folder, "report.html"), html);
    }

    /// <summary>The page as text: valid HTML without scripts or outside references; below 3 MB.</summary>
    public static string Html(RunReportInput input)
    {
        ArgumentNullException.ThrowIfNull(input);
        return ReportPage.Write(input);
    }

    /// <summary>The facts as one JSON document with camel-case names; pictures are left out.</summary>
    public static string Json(RunReportInput input)
    {
        ArgumentNullException.ThrowIfNull(input);
        var document = new
        {
            Schema = 1,
            input.Title,
            input.CreatedAt,
            input.Model,
            input.Split,
            input.Evaluation,
            Verdict = OverfittingVerdict.Judge(input.Events),
            Epochs = OverfittingVerdict.EpochsOf(input.Events),
            Mistakes = input.Mistakes.Select(entry => entry.Mistake),
            input.Data,
            Settings = input.Settings.Select(group => new { group.Title, Entries = AsObject(group.Entries) }),
            Environment = AsObject(input.Environment),
            input.NextCommands,
            ConfusedPairs = input.Evaluation is { } result ? ConfusedPair.Of(result).Take(MostPairs) : [],
            Thresholds = input.Thresholds.Select(entry => new { entry.Name, entry.Support, entry.AveragePrecision, entry.BestThreshold, entry.BestF1 }),
        };
        return JsonSerializer.Serialize(document, _json);
    }

    private static Dictionary<string, string> AsObject(IReadOnlyList<KeyValuePair<string, string>> entries)
    {
        var result = new Dictionary<string, string>();
        foreach (var (name, value) in entries)
        {
            result[name] = value;
        }

        return result;
    }
}
