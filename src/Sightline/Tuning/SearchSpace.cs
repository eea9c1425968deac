using System.Text.Json;

namespace Sightline.Tuning;

/// <summary>What may be tried: parameters in order, a conditional one after the one it depends on. Immutable.</summary>
public sealed class SearchSpace
{
    /// <summary>Makes a space.</summary>
    /// <param name="parameters">At least one; names not twice; conditions only on parameters before.</param>
    /// <exception cref="SettingsException">The space is empty or contradictory; the message lists all problems.</exception>
    public SearchSpace(params IReadOnlyList<Parameter> parameters)
    {
        Parameters = [.. parameters];
        var problems = Check().ToList();
        if (problems.Count > 0)
        {
            throw new SettingsException("The search space cannot be used. " + string.Join(" ", problems));
        }
    }

    /// <summary>The parameters in order.</summary>
    public IReadOnlyList<Parameter> Parameters { get; }

    /// <summary>Whether any parameter depends on another.</summary>
    internal bool IsConditional => Parameters.Any(parameter => parameter.When is not null);

    /// <summary>Reads a space from JSON: an array of parameters, each with <c>kind</c> float, int or categorical.</summary>
    /// <exception cref="SettingsException">The text is no space.</exception>
    public static SearchSpace FromJson(string json)
    {
        try
        {
            return new SearchSpace(JsonSerializer.Deserialize<List<Parameter>>(json, SightlineJson.Line) ?? []);
        }
        catch (Exception error) when (error is JsonException or NotSupportedException)
        {
            throw new SettingsException("The text is no search space: " + error.Message +
                " A space is an array such as [{\"kind\":\"float\",\"name\":\"rate\",\"low\":0.001,\"high\":1,\"log\":true}].");
        }
    }

    /// <summary>Writes the space as <see cref="FromJson"/> reads it.</summary>
    public string ToJson() => JsonSerializer.Serialize(Parameters, SightlineJson.Line);

    /// <summary>What keeps a configuration from being of this space; empty where it is. Missing parameters are no problem.</summary>
    internal IEnumerable<string> Problems(Configuration configuration)
    {
        var known = Parameters.ToDictionary(parameter => parameter.Name, StringComparer.Ordinal);
        foreach (var (name, value) in configuration.Values)
        {
            if (!known.TryGetValue(name, out var parameter))
            {
                yield return $"Parameter '{name}' is not in the space, which has: {string.Join(", ", known.Keys)}.";
            }
            else if (!parameter.Contains(value))
            {
                yield return $"Parameter '{name}' is {value}, which its range does not have.";
            }
            else if (parameter.When is { } when && configuration.Values.TryGetValue(when.Parameter, out var parent) && !when.Holds(parent))
            {
                yield return $"Parameter '{name}' is given, but it is not active where {when.Parameter} is {parent}.";
            }
        }
    }

    /// <summary>Walks the parameters in order and asks for the value of each active one.</summary>
    internal Configuration Build(Func<Parameter, ParameterValue> choose)
    {
        var values = new Dictionary<string, ParameterValue>(StringComparer.Ordinal);
        foreach (var parameter in Parameters)
        {
            if (parameter.When is not { } when || (values.TryGetValue(when.Parameter, out var parent) && when.Holds(parent)))
            {
                values[parameter.Name] = choose(parameter);
            }
        }

        return new Configuration(values);
    }

    private IEnumerable<string> Check()
    {
        if (Parameters.Count == 0)
        {
            yield return "It has no parameters; it needs at least one.";
        }

        var before = new Dictionary<string, Parameter>(StringComparer.Ordinal);
        foreach (var parameter in Parameters)
        {
            foreach (var problem in parameter.Check())
            {
                yield return problem;
            }

            if (parameter.When is { } when)
            {
                if (!before.TryGetValue(when.Parameter, out var parent))
                {
                    yield return $"Parameter '{parameter.Name}' depends on '{when.Parameter}', which does not stand before it.";
                }
                else if (!CanHold(when, parent))
                {
                    yield return $"Parameter '{parameter.Name}' can never be active: no value of '{when.Parameter}' meets its condition.";
                }
            }

            if (string.IsNullOrEmpty(parameter.Name))
            {
                yield return "A parameter has no name; each needs one.";
            }
            else if (!before.TryAdd(parameter.Name, parameter))
            {
                yield return $"Parameter '{parameter.Name}' stands twice; each name may stand once.";
            }
        }
    }

    private static bool CanHold(Condition when, Parameter parent) => parent switch
    {
        CategoricalParameter categorical => when.Choices is not null && when.Choices.All(choice => categorical.Contains(choice)) && when.Choices.Count > 0,
        FloatParameter number => when.Choices is null && when.Low <= number.High && when.High >= number.Low && when.Low <= when.High,
        IntParameter number => when.Choices is null && when.Low <= number.High && when.High >= number.Low && when.Low <= when.High,
        _ => true,
    };
}
