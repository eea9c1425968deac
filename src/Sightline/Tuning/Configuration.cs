using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text.Json;

namespace Sightline.Tuning;

/// <summary>One point of a search space: a value for each active parameter. Immutable; equal where all names and values are equal.</summary>
public sealed class Configuration : IEquatable<Configuration>
{
    private readonly SortedDictionary<string, ParameterValue> _values;
    private string? _key;

    /// <summary>Makes a configuration; the values are copied.</summary>
    /// <param name="values">Names and values; a name twice throws <see cref="ArgumentException"/>.</param>
    public Configuration(IEnumerable<KeyValuePair<string, ParameterValue>> values)
    {
        _values = new(StringComparer.Ordinal);
        foreach (var (name, value) in values)
        {
            _values.Add(name, value);
        }
    }

    /// <summary>All values by name.</summary>
    public IReadOnlyDictionary<string, ParameterValue> Values => _values;

    /// <summary>One text per configuration: JSON with sorted names, numbers exact.</summary>
    internal string Key => _key ??= JsonSerializer.Serialize(_values, SightlineJson.Line);

    /// <summary>Makes a configuration from pairs, as <c>Configuration.Of(("rate", 0.1), ("optimizer", "sgd"))</c>.</summary>
    public static Configuration Of(params (string Name, ParameterValue Value)[] values) =>
        new(values.Select(pair => KeyValuePair.Create(pair.Name, pair.Value)));

    /// <summary>The number of a float parameter; <see cref="KeyNotFoundException"/> where it is not active.</summary>
    public double Float(string name) => Find(name).Number;

    /// <summary>The number of an int parameter; <see cref="KeyNotFoundException"/> where it is not active.</summary>
    public long Int(string name) => checked((long)Find(name).Number);

    /// <summary>The choice of a categorical parameter; <see cref="KeyNotFoundException"/> where it is not active, and <see cref="InvalidOperationException"/> where it is a number.</summary>
    public string Choice(string name) => Find(name).Choice
        ?? throw new InvalidOperationException($"Parameter '{name}' is a number. Read it with Float or Int.");

    /// <summary>Whether the parameter is active here.</summary>
    public bool Has(string name) => _values.ContainsKey(name);

    /// <inheritdoc/>
    public bool Equals([NotNullWhen(true)] Configuration? other) => other is not null && Key == other.Key;

    /// <inheritdoc/>
    public override bool Equals([NotNullWhen(true)] object? obj) => Equals(obj as Configuration);

    /// <inheritdoc/>
    public override int GetHashCode() => Key.GetHashCode(StringComparison.Ordinal);

    /// <summary>Names and values, sorted by name.</summary>
    public override string ToString() =>
        string.Join(", ", _values.Select(pair => string.Create(CultureInfo.InvariantCulture, $"{pair.Key}={pair.Value}")));

    /// <summary>Reads what <see cref="Key"/> wrote.</summary>
    internal static Configuration FromKey(string key) =>
        new(JsonSerializer.Deserialize<Dictionary<string, ParameterValue>>(key, SightlineJson.Line) ?? []) { _key = key };

    private ParameterValue Find(string name) => _values.TryGetValue(name, out var value) ? value
        : throw new KeyNotFoundException($"Parameter '{name}' is not in this configuration, which has: {string.Join(", ", _values.Keys)}.");
}
