using System.Text.Json;
using System.Text.Json.Serialization;

namespace Sightline;

/// <summary>How Sightline writes and reads JSON: camelCase names, enums by name, unknown names refused.</summary>
public static class SightlineJson
{
    /// <summary>One value on one line.</summary>
    public static JsonSerializerOptions Line { get; } = Make(indented: false);

    /// <summary>Indented, for files that people read.</summary>
    public static JsonSerializerOptions Indented { get; } = Make(indented: true);

    private static JsonSerializerOptions Make(bool indented) => new(JsonSerializerDefaults.Web)
    {
        WriteIndented = indented,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase) },
    };
}
