using System.Text.Json;
using System.Text.Json.Nodes;
using Sightline.Cli.CommandLine;
using Sightline.Training;

namespace Sightline.Cli.Settings;

/// <summary>Builds <see cref="TrainOptions"/> from a recipe or file and from <c>key=value</c> pairs; later ones win.</summary>
internal sealed class TrainSettings
{
    private static readonly JsonDocumentOptions FileOptions = new() { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true };

    // What a whole group may be given as instead of an object.
    private static readonly Dictionary<string, (string Text, string List)> ShortForms = new() { ["augment"] = ("augment.policy", "augment.operators") };

    private readonly JsonObject _values = [];

    /// <summary>The data set's location that the file names (<c>run.json</c> does), or null.</summary>
    public string? DataLocation { get; private set; }

    /// <summary>Whether a setting of the first level was given.</summary>
    public bool Has(string key) => _values.ContainsKey(key);

    /// <summary>Adds the settings of a JSON file: an object of settings, or a run's <c>run.json</c>.</summary>
    /// <exception cref="NotFoundException">There is no such file.</exception>
    /// <exception cref="SettingsException">It is no JSON, or names a setting that does not exist.</exception>
    public void AddFile(string path)
    {
        if (!File.Exists(path))
        {
            throw new NotFoundException($"The settings file '{path}' is not there. Pass --config with the path of a JSON file.");
        }

        AddJson(File.ReadAllText(path), $"'{path}'");
    }

    /// <summary>Adds the settings of a JSON text.</summary>
    /// <param name="json">As in <see cref="AddFile"/>.</param>
    /// <param name="origin">How messages call it.</param>
    public void AddJson(string json, string origin)
    {
        JsonObject file;
        try
        {
            file = JsonNode.Parse(json, documentOptions: FileOptions) as JsonObject
                ?? throw new SettingsException($"{origin} must be a JSON object of settings, such as {{ \"epochs\": 20 }}.");
        }
        catch (JsonException error)
        {
            throw new SettingsException($"{origin} is not valid JSON: {error.Message}");
        }

        if (file["options"] is JsonObject options)
        {
            DataLocation = (string?)file["dataLocation"];
            file = options;
        }

        AddObject(file, "", origin);
    }

    /// <summary>Adds <c>key=value</c>.</summary>
    /// <exception cref="SettingsException">It has no equals sign, the key is unknown, or the value is of another kind.</exception>
    public void Add(string pair)
    {
        var equals = pair.IndexOf('=');
        if (equals <= 0)
        {
            throw new SettingsException($"--set takes KEY=VALUE, such as optimizer.learningRate=0.01; '{pair}' has no key and value.");
        }

        Add(pair[..equals].Trim(), pair[(equals + 1)..].Trim(), "--set");
    }

    /// <summary>Adds one value given as text.</summary>
    /// <param name="key">The setting's dotted name.</param>
    /// <param name="text">Its value.</param>
    /// <param name="origin">The option it came from, for messages.</param>
    public void Add(string key, string text, string origin)
    {
        var setting = Find(ShortForms.TryGetValue(key, out var forms) ? (text.StartsWith('[') ? forms.List : forms.Text) : key, origin);
        Assign(setting, Parse(setting, text, origin), origin);
    }

    /// <summary>The settings, all within their ranges.</summary>
    /// <exception cref="SettingsException">Some are not; the message lists all of them.</exception>
    public TrainOptions Build()
    {
        var options = _values.Deserialize<TrainOptions>(SightlineJson.Line)!; // An object never reads as null.
        var problems = options.Check().ToList();
        return problems.Count == 0 ? options : throw new SettingsException(string.Join(Environment.NewLine, problems));
    }

    private void AddObject(JsonObject values, string prefix, string origin)
    {
        foreach (var (name, value) in values)
        {
            var key = prefix + name;
            if (ShortForms.TryGetValue(key, out var forms) && value is (JsonArray or JsonValue))
            {
                Assign(Find(value is JsonArray ? forms.List : forms.Text, origin), value.DeepClone(), origin);
            }
            else if (value is JsonObject part && Setting.All.Any(setting => setting.Key.StartsWith(key + ".", StringComparison.Ordinal)))
            {
                AddObject(part, key + ".", origin);
            }
            else if (value is not null || Setting.All.Any(setting => setting.Key == key))
            {
                Assign(Find(key, origin), value?.DeepClone(), origin);
            }
        }
    }

    private static Setting Find(string key, string origin) => Setting.All.FirstOrDefault(setting => setting.Key == key)
        ?? throw new SettingsException($"{origin} names '{key}', and there is no such setting.{Nearest(key)} 'docs/settings.md' lists all of them.");

    // The last part alone is what people remember, so it counts as much as the whole name.
    private static string Nearest(string key)
    {
        var part = key[(key.LastIndexOf('.') + 1)..];
        var exact = Setting.All.Where(setting => setting.Key.EndsWith("." + part, StringComparison.OrdinalIgnoreCase)).Select(setting => setting.Key).ToList();
        if (exact.Count > 0)
        {
            return $" Did you mean {string.Join(" or ", exact.Select(name => $"'{name}'"))}?";
        }

        var parts = Setting.All.ToLookup(setting => setting.Key[(setting.Key.LastIndexOf('.') + 1)..], setting => setting.Key);
        var near = NearestNames.Of(key, Setting.All.Select(setting => setting.Key))
            .Concat(NearestNames.Of(part, parts.Select(group => group.Key)).SelectMany(name => parts[name]))
            .Distinct().Take(3).ToList();
        return near.Count == 0 ? "" : $" Did you mean {string.Join(" or ", near.Select(name => $"'{name}'"))}?";
    }

    private static JsonNode? Parse(Setting setting, string text, string origin)
    {
        if (setting.IsNullable && text == "null")
        {
            return null;
        }

        if (setting.Type == typeof(string) || setting.Type.IsEnum)
        {
            return JsonValue.Create(text);
        }

        try
        {
            return JsonNode.Parse(IsList(setting) && !text.StartsWith('[') ? $"[{text}]" : text);
        }
        catch (JsonException)
        {
            throw Wrong(setting, text, origin);
        }
    }

    private static bool IsList(Setting setting) => setting.Type.IsGenericType;

    private void Assign(Setting setting, JsonNode? value, string origin)
    {
        if (value is null ? !setting.IsNullable : !Fits(setting, value))
        {
            throw Wrong(setting, value?.ToJsonString(SightlineJson.Line) ?? "null", origin);
        }

        var names = setting.Key.Split('.');
        var parent = _values;
        foreach (var name in names[..^1])
        {
            if (parent[name] is not JsonObject next)
            {
                parent[name] = next = [];
            }

            parent = next;
        }

        parent[names[^1]] = value;
    }

    private static bool Fits(Setting setting, JsonNode value)
    {
        // SightlineJson reads numbers from text, as Web defaults do; a setting in quotes is more likely a mistake.
        if (setting.Type != typeof(string) && !setting.Type.IsEnum && value.GetValueKind() == JsonValueKind.String)
        {
            return false;
        }

        try
        {
            return value.Deserialize(setting.Type, SightlineJson.Line) is not null && !(setting.Type.IsEnum && value.GetValueKind() != JsonValueKind.String);
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException)
        {
            return false;
        }
    }

    private static SettingsException Wrong(Setting setting, string seen, string origin) =>
        new($"{setting.Key} is {seen} ({origin}); it must be {setting.Allowed}.{Meant(setting, seen)}");

    private static string Meant(Setting setting, string seen) => setting.Type.IsEnum
        ? NearestNames.Suggest(seen.Trim('"'), Enum.GetNames(setting.Type).Select(JsonNamingPolicy.CamelCase.ConvertName))
        : "";
}
