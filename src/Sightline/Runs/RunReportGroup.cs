using System.Text.Json.Nodes;

namespace Sightline.Runs;

/// <summary>Named settings shown together.</summary>
/// <param name="Title">Heading of the group.</param>
/// <param name="Entries">Names and values in the order shown.</param>
public sealed record RunReportGroup(string Title, IReadOnlyList<KeyValuePair<string, string>> Entries)
{
    /// <summary>
    /// Groups of a settings document: first its plain values, then one group for each object in it. Names are those that
    /// <c>--set</c> takes.
    /// </summary>
    /// <param name="title">Heading of the group of plain values.</param>
    /// <param name="settings">The document, such as serialised training options.</param>
    public static IReadOnlyList<RunReportGroup> FromJson(string title, JsonObject settings)
    {
        ArgumentNullException.ThrowIfNull(settings);
        var groups = new List<RunReportGroup>();
        Collect(title, "", settings, groups);
        return groups;
    }

    private static void Collect(string title, string prefix, JsonObject settings, List<RunReportGroup> groups)
    {
        KeyValuePair<string, string>[] entries = [.. settings
            .Where(entry => entry.Value is not JsonObject)
            .Select(entry => KeyValuePair.Create(prefix + entry.Key, Show(entry.Value)))];
        if (entries.Length > 0)
        {
            groups.Add(new RunReportGroup(title, entries));
        }

        foreach (var (name, value) in settings)
        {
            if (value is JsonObject inner && name.Length > 0)
            {
                Collect(char.ToUpperInvariant(name[0]) + name[1..], $"{prefix}{name}.", inner, groups);
            }
        }
    }

    private static string Show(JsonNode? value) => value switch
    {
        null => "not set",
        JsonArray list => list.Count == 0 ? "none" : string.Join(", ", list.Select(Show)),
        JsonObject inner => inner.ToJsonString(),
        _ => value.ToString() switch { "true" => "yes", "false" => "no", var text => text },
    };
}
