using System.Text.Json;
using Sightline.Runs;

namespace Sightline.Evaluation;

/// <summary>What makes a comparison of two runs unfair.</summary>
internal static class ComparisonWarnings
{
    public static IEnumerable<string> Of(JudgedSplit judged, RunFolder second)
    {
        var names = judged.Examples.Select(example => judged.Data.Images.Name(example.Index)).ToHashSet(StringComparer.Ordinal);
        foreach (var (run, word) in new[] { (judged.Run, "first"), (second, "second") })
        {
            // The same names in another data set are other pictures. The version would not do: it depends on the split, too.
            if (run.Settings.DataLocation == Path.GetFullPath(judged.Data.Location) && Trained(run).Count(names.Contains) is > 0 and var seen)
            {
                yield return $"The {word} run was trained on {seen} of the {names.Count} pictures judged; its figures flatter it. Split both runs alike (--seed, validationShare, testShare).";
            }
        }

        if (judged.Split == "validation")
        {
            yield return "The pictures judged are validation pictures: each run's best epoch was chosen by its own. Test pictures are fairer.";
        }

        if (judged.Run.Settings.DataVersion != second.Settings.DataVersion)
        {
            yield return "The runs were trained on different data or splits; the difference is not of the models alone.";
        }
    }

    private static IEnumerable<string> Trained(RunFolder run)
    {
        if (!File.Exists(run.SplitJson))
        {
            return [];
        }

        using var document = JsonDocument.Parse(File.ReadAllText(run.SplitJson));
        return [.. document.RootElement.GetProperty("train").EnumerateArray().Select(name => name.GetString() ?? "")];
    }
}
