using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Sightline.Tuning;

/// <summary>The value of one parameter: a number, or the name of a choice. Numbers and texts convert to it by themselves.</summary>
/// <param name="Number">The number; 0 where <paramref name="Choice"/> is given. Integers are exact to 2^53.</param>
/// <param name="Choice">The choice of a categorical parameter; null for a number.</param>
[JsonConverter(typeof(ParameterValueConverter))]
public readonly record struct ParameterValue(double Number, string? Choice)
{
    /// <summary>A number as a value.</summary>
    public static implicit operator ParameterValue(double number) => new(number, null);

    /// <summary>A choice as a value.</summary>
    public static implicit operator ParameterValue(string choice) => new(0, choice);

    /// <summary>The choice, or the number as the shortest text that reads back as the same number.</summary>
    public override string ToString() => Choice ?? Number.ToString("R", CultureInfo.InvariantCulture);
}

/// <summary>Writes a value as a JSON number or text.</summary>
internal sealed class ParameterValueConverter : JsonConverter<ParameterValue>
{
    /// <inheritdoc/>
    public override ParameterValue Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        reader.TokenType == JsonTokenType.String ? new(0, reader.GetString()) : new(reader.GetDouble(), null);

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, ParameterValue value, JsonSerializerOptions options)
    {
        if (value.Choice is { } choice)
        {
            writer.WriteStringValue(choice);
        }
        else
        {
            writer.WriteNumberValue(value.Number);
        }
    }
}
