using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Sightline.Augment;
using Sightline.Training;
using Sightline.Training.Losses;
using Sightline.Tuning;

namespace Sightline.Search;

/// <summary>A configuration as training settings: each parameter's name is a setting's dotted name, such as <c>optimizer.learningRate</c>.</summary>
internal static class TrialSettings
{
    // What decides how a trial is measured, or where it runs, is the same for all trials of a study.
    private static readonly string[] _fixed =
        ["epochs", "seed", "validationShare", "testShare", "device", "threads", "workers", "tensorBoard", "earlyStopEpochs", "checkpointSteps"];

    /// <summary>The settings of a trial.</summary>
    /// <param name="options">The recipe; what the configuration does not name stays.</param>
    /// <param name="configuration">Values by setting.</param>
    /// <exception cref="SettingsException">A name is no setting, a value is of another kind, or the settings together are out of range.</exception>
    public static TrainOptions Apply(TrainOptions options, Configuration configuration)
    {
        var root = (JsonObject)JsonSerializer.SerializeToNode(options, SightlineJson.Line)!; // A record never becomes null.
        foreach (var (name, value) in configuration.Values)
        {
            Set(root, name, value);
        }

        TrainOptions applied;
        try
        {
            applied = root.Deserialize<TrainOptions>(SightlineJson.Line)!; // As above.
        }
        catch (JsonException error)
        {
            throw new SettingsException($"The configuration ({configuration}) is no recipe: {error.Message} Parameters are named as settings are; docs/settings.md lists them.");
        }

        var problems = applied.Check().ToList();
        return problems.Count == 0 ? applied : throw new SettingsException(string.Join(" ", problems));
    }

    /// <summary>The recipe's own place in a space, to be tried first; null where it lies outside.</summary>
    public static Configuration? Baseline(TrainOptions options, SearchSpace space)
    {
        // Groups and settings that the recipe leaves to the data's size count with what they come to.
        var spelled = options with { Augment = options.Augment ?? new AugmentOptions(), LabelSmoothing = TrainingLosses.Smoothing(options) };
        var root = (JsonObject)JsonSerializer.SerializeToNode(spelled, SightlineJson.Line)!;
        var values = new Dictionary<string, ParameterValue>(StringComparer.Ordinal);
        foreach (var parameter in space.Parameters)
        {
            if (parameter.When is { } when && !(values.TryGetValue(when.Parameter, out var parent) && when.Holds(parent)))
            {
                continue;
            }

            if (Find(root, parameter.Name) is not { } found || !parameter.Contains(found))
            {
                return null;
            }

            values[parameter.Name] = found;
        }

        return new Configuration(values);
    }

    /// <summary>Makes sure that every parameter is a setting that may differ between trials.</summary>
    /// <exception cref="SettingsException">One is not; the message names all.</exception>
    public static void Check(TrainOptions options, SearchSpace space)
    {
        var problems = new List<string>();
        foreach (var parameter in space.Parameters)
        {
            if (_fixed.Contains(parameter.Name, StringComparer.Ordinal))
            {
                problems.Add($"'{parameter.Name}' is the same for all trials of a study; set it in the recipe.");
                continue;
            }

            try
            {
                var root = (JsonObject)JsonSerializer.SerializeToNode(options, SightlineJson.Line)!;
                Set(root, parameter.Name, parameter.FromUnit(0));
                root.Deserialize<TrainOptions>(SightlineJson.Line);
            }
            catch (Exception error) when (error is JsonException or SettingsException)
            {
                problems.Add($"'{parameter.Name}' is no setting that takes {parameter.FromUnit(0)}; docs/settings.md lists the settings and their values.");
            }
        }

        if (problems.Count > 0)
        {
            throw new SettingsException("The search space does not fit a training recipe. " + string.Join(" ", problems));
        }
    }

    private static void Set(JsonObject root, string name, ParameterValue value)
    {
        var path = name.Split('.');
        var target = root;
        foreach (var part in path[..^1])
        {
            // A group that is absent, such as augment, begins with its defaults.
            target = target[part] switch
            {
                JsonObject group => group,
                null => (JsonObject)(target[part] = new JsonObject()),
                _ => throw new SettingsException($"'{name}' is no setting: '{part}' has no parts."),
            };
        }

        target[path[^1]] = Node(value);
    }

    // Whole numbers without a point, so that they fit settings that are integers; choices may be numbers, true, false or null too.
    private static JsonNode? Node(ParameterValue value)
    {
        if (value.Choice is not { } choice)
        {
            return value.Number == Math.Round(value.Number) && Math.Abs(value.Number) < 1e15 ? JsonValue.Create((long)value.Number) : JsonValue.Create(value.Number);
        }

        return choice switch
        {
            "true" => JsonValue.Create(true),
            "false" => JsonValue.Create(false),
            "null" => null,
            _ when long.TryParse(choice, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var whole) => JsonValue.Create(whole),
            _ when double.TryParse(choice, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) => JsonValue.Create(number),
            _ => JsonValue.Create(choice),
        };
    }

    private static ParameterValue? Find(JsonObject root, string name)
    {
        JsonNode? node = root;
        foreach (var part in name.Split('.'))
        {
            node = node is JsonObject group ? group[part] : null;
        }

        if (node is not JsonValue value)
        {
            return null;
        }

        // Spelled out: a null would become a value by way of the text that it could be.
        return value.GetValueKind() switch
        {
            JsonValueKind.Number => new ParameterValue(value.GetValue<double>(), null),
            JsonValueKind.True => new ParameterValue(0, "true"),
            JsonValueKind.False => new ParameterValue(0, "false"),
            JsonValueKind.String => new ParameterValue(0, value.GetValue<string>()),
            _ => default(ParameterValue?),
        };
    }
}
