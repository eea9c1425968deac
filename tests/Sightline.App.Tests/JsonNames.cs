using System.Text.Json;

namespace Sightline.App.Tests;

/// <summary>The names and kinds of a JSON document, one per line, without its values.</summary>
internal static class JsonNames
{
    public static string Of(JsonElement document) => string.Join('\n', Lines("", document).Distinct());

    // Whether a BCa interval exists depends on the resamples of a tiny run, and so on the machine's rounding.
    private static IEnumerable<string> Lines(string path, JsonElement value) => path.EndsWith(".bca", StringComparison.Ordinal) ? [$"{path}: interval or null"] : value.ValueKind switch
    {
        JsonValueKind.Object => value.EnumerateObject().SelectMany(member => Lines(path.Length == 0 ? member.Name : $"{path}.{member.Name}", member.Value)),
        JsonValueKind.Array => value.GetArrayLength() == 0 ? [$"{path}[]"] : value.EnumerateArray().SelectMany(item => Lines(path + "[]", item)),
        JsonValueKind.True or JsonValueKind.False => [$"{path}: boolean"],
        _ => [$"{path}: {value.ValueKind.ToString().ToLowerInvariant()}"],
    };
}
