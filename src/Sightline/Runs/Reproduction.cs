using System.Text.Json;
using System.Text.Json.Nodes;
using Sightline.Weights;

namespace Sightline.Runs;

/// <summary>Compares a run with another that was to repeat it.</summary>
internal static class Reproduction
{
    // What may differ without any effect on the weights.
    private static readonly string[] Harmless = ["createdAt", "dataLocation", "schema", "options.workers", "decisions"];

    /// <summary>What differs in settings, versions, machine and data, in words; empty where the weights must come out the same on a CPU.</summary>
    /// <param name="then">Of the run that is repeated.</param>
    /// <param name="now">Of the run that repeats it.</param>
    public static IReadOnlyList<string> Differences(RunSettings then, RunSettings now)
    {
        var (before, after) = (Flat(then), Flat(now));
        return before.Keys.Union(after.Keys)
            .Where(key => !Harmless.Contains(key) && before.GetValueOrDefault(key) != after.GetValueOrDefault(key))
            .Select(key => $"{key}: {before.GetValueOrDefault(key) ?? "not there"} then, {after.GetValueOrDefault(key) ?? "not there"} now")
            .ToList();
    }

    /// <summary>The hashes of a finished run's weights; of the best ones from their file where the run did not write them down.</summary>
    /// <exception cref="SettingsException">The run is not finished.</exception>
    public static (string Best, string? Last) Weights(RunFolder run) => run.ReadEvents().LastOrDefault(told => told.Kind == "end") is { } end
        ? (end.BestWeightsSha256 ?? WeightsHash.Of(run.BestWeights), end.LastWeightsSha256)
        : throw new SettingsException($"The run '{run.Path}' is not finished, so there is nothing to compare with. Go on with it first: 'sightline train resume {run.Path}'.");

    private static Dictionary<string, string> Flat(RunSettings settings)
    {
        var leaves = new Dictionary<string, string>();
        Collect("", JsonSerializer.SerializeToNode(settings, SightlineJson.Line), leaves);
        return leaves;
    }

    private static void Collect(string path, JsonNode? node, Dictionary<string, string> leaves)
    {
        if (node is JsonObject group)
        {
            foreach (var (name, value) in group)
            {
                Collect(path.Length == 0 ? name : $"{path}.{name}", value, leaves);
            }
        }
        else
        {
            leaves[path] = node?.ToJsonString(SightlineJson.Line) ?? "null";
        }
    }
}
