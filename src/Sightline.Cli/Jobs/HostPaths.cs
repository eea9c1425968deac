using System.Text.Json;
using System.Text.Json.Nodes;
using Sightline.Compute.Jobs;

namespace Sightline.Cli.Jobs;

/// <summary>A run's <c>run.json</c> names where the data lie; on the host that is another place than here.</summary>
internal static class HostPaths
{
    private const string RunJson = "run.json";
    private const string Key = "dataLocation";

    /// <summary>Writes the local place into a file that came from the host.</summary>
    public static void ToLocal(string name, string file, JobRecord record)
    {
        if (name == RunJson)
        {
            File.WriteAllText(file, With(File.ReadAllText(file), record.DataLocation));
        }
    }

    /// <summary>The run's settings as the host needs them.</summary>
    public static string ForHost(string runFolder, JobRecord record) => With(File.ReadAllText(Path.Combine(runFolder, RunJson)), record.HostDataLocation);

    private static string With(string json, string location)
    {
        var node = JsonNode.Parse(json)!; // A run's settings are an object.
        node[Key] = location;
        return node.ToJsonString(SightlineJson.Indented);
    }
}
