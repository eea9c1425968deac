using System.Globalization;
using System.Text.Json;

namespace Sightline.Compute.Providers;

/// <summary>Reads providers' JSON: what is missing or of another kind gives null, never an exception.</summary>
internal static class Answer
{
    /// <summary>A member, or null.</summary>
    public static JsonElement? Get(this JsonElement value, string name) =>
        value.ValueKind == JsonValueKind.Object && value.TryGetProperty(name, out var member) && member.ValueKind != JsonValueKind.Null ? member : null;

    /// <summary>A text, empty when missing.</summary>
    public static string Text(this JsonElement value, string name) => value.Get(name) is { ValueKind: JsonValueKind.String } text ? text.GetString()! : ""; // A string is never null.

    /// <summary>A number, also one written as text.</summary>
    public static decimal? Number(this JsonElement value, string name) => value.Get(name) switch
    {
        { ValueKind: JsonValueKind.Number } number when number.TryGetDecimal(out var result) => result,
        { ValueKind: JsonValueKind.String } text when decimal.TryParse(text.GetString(), NumberStyles.Float, CultureInfo.InvariantCulture, out var result) => result,
        _ => null,
    };

    /// <summary>A list's items; empty when missing.</summary>
    public static IEnumerable<JsonElement> Items(this JsonElement value, string name) => value.Get(name) is { ValueKind: JsonValueKind.Array } list ? list.EnumerateArray() : [];

    /// <summary>The member that an answer must have.</summary>
    /// <exception cref="ComputeException">It has none of this kind.</exception>
    public static JsonElement Need(this JsonElement value, string provider, string name, JsonValueKind kind) => value.Get(name) is { } member && member.ValueKind == kind
        ? member
        : throw new ComputeException(ComputeTrouble.Provider, $"{provider} answered without '{name}': its interface may have changed. The prices known so far stay in use.");
}
