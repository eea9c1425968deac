using Microsoft.AspNetCore.Http;
using Sightline.Data.Store;
using Sightline.Models;
using Sightline.Studio.Data;
using Sightline.Studio.Shared;

namespace Sightline.Studio.Train;

/// <summary>A field of the form that sets something of a training.</summary>
/// <param name="Name">In the address.</param>
/// <param name="Label">For people.</param>
/// <param name="Key">The setting's dotted name.</param>
/// <param name="Option">The option of <c>train</c>; <c>--set</c> where it has none of its own.</param>
/// <param name="Choices">What can be chosen; empty for free text.</param>
internal sealed record TrainField(string Name, string Label, string Key, string Option, params IReadOnlyList<string> Choices)
{
    /// <summary>Whether a message of the settings is about it.</summary>
    public bool IsMeant(string problem) => problem.StartsWith($"{Key[(Key.LastIndexOf('.') + 1)..]} is ", StringComparison.OrdinalIgnoreCase)
        || problem.StartsWith($"{Key} is ", StringComparison.Ordinal) || (Option != "--set" && problem.Contains(Option, StringComparison.Ordinal));
}

/// <summary>What was filled in.</summary>
internal sealed record TrainForm
{
    private const int LongestValue = 300;

    /// <summary>The fields that are settings.</summary>
    public static IReadOnlyList<TrainField> Fields { get; } =
    [
        new("model", "Model", "model", "--model", [.. ModelCatalog.All.Select(variant => variant.Name)]),
        new("size", "Picture size, pixels", "size", "--size"),
        new("epochs", "Epochs", "epochs", "--epochs"),
        new("batch", "Batch", "batchSize", "--batch"),
        new("rate", "Learning rate", "optimizer.learningRate", "--learning-rate"),
        new("precision", "Precision", "precision", "--set", "fp32", "bf16", "fp16", "auto"),
        new("augment", "Augmentation", "augment", "--augment", [.. AugmentPage.Policies.Select(policy => policy.Name)]),
    ];

    /// <summary>The data: a stored set, or a folder below the project's.</summary>
    public string? Data { get; init; }

    /// <summary>A recipe to begin with.</summary>
    public string? Preset { get; init; }

    /// <summary>Whether to start from published weights.</summary>
    public bool IsPretrained { get; init; }

    /// <summary>The run's name; null for time and model.</summary>
    public string? Name { get; init; }

    /// <summary>Other settings, <c>KEY=VALUE</c> with blanks between.</summary>
    public string? More { get; init; }

    /// <summary>Values by field; empty ones are left out.</summary>
    public IReadOnlyDictionary<string, string> Values { get; init; } = new Dictionary<string, string>();

    /// <summary>Whether nothing was filled in.</summary>
    public bool IsEmpty => Data is null && Preset is null && !IsPretrained && More is null && Values.Count == 0;

    /// <summary>All fields by their names, as an address or a form carries them.</summary>
    public IEnumerable<(string Name, string Value)> All =>
        new[] { ("data", Data), ("preset", Preset), ("pretrained", IsPretrained ? "yes" : null), ("name", Name), ("more", More) }
            .Concat(Fields.Select(known => (known.Name, Values.GetValueOrDefault(known.Name))))
            .Where(pair => pair.Item2 is not null).Select(pair => (pair.Item1, pair.Item2!)); // Just looked at.

    /// <summary>The form with these values.</summary>
    public string Address => "/train?" + string.Join('&', All.Select(pair => $"{pair.Name}={Figures.Url(pair.Value)}"));

    public static TrainForm Of(IQueryCollection query) => Of(name => query[name]);

    public static TrainForm Of(IFormCollection form) => Of(name => form[name]);

    /// <summary>As <c>train</c>'s settings.</summary>
    public SettingsRequest Request() => new(
        Preset, IsPretrained,
        [.. Fields.Where(field => Values.ContainsKey(field.Name)).Select(field => (field.Key, Values[field.Name], field.Option))],
        (More ?? "").Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));

    /// <summary>The options of <c>train</c> but for data and name. Each value stands in one argument with its option, so that none can pass for another.</summary>
    /// <param name="config">The file that holds the recipe.</param>
    public IEnumerable<string> Options(string config) =>
    [
        .. Preset is "fine-tune" ? (string[])["--fine-tune"] : Preset is null ? [] : [$"--config={config}"],
        .. IsPretrained ? (string[])["--pretrained"] : [],
        .. Request().Pairs.Select(pair => $"--set={pair}"),
        .. Fields.Where(field => Values.ContainsKey(field.Name)).Select(field => field.Option == "--set" ? $"--set={field.Key}={Values[field.Name]}" : $"{field.Option}={Values[field.Name]}"),
    ];

    /// <summary>The same as a person types it.</summary>
    public string Command(string command)
    {
        var words = new List<string> { "sightline", command, Figures.Argument(Data ?? "DATA") };
        foreach (var option in Options($"recipes/{Preset}.json"))
        {
            var equals = option.IndexOf('=', StringComparison.Ordinal);
            words.Add(equals < 0 ? option : option[..equals] + " " + Quoted(option[(equals + 1)..]));
        }

        return string.Join(' ', words) + (Name is { } name && command == "train" ? $" --name {Figures.Argument(name)}" : "");
    }

    /// <summary>What is wrong with the run's name; null where nothing is.</summary>
    public string? NameProblem => Name is null || DatasetStore.IsName(Name) ? null // The rule of data sets' names.
        : $"The name is '{Name}'; it must be 1 to 100 letters, digits, dots, dashes and underscores, and begin with a letter or digit. It becomes a folder's name.";

    private static string Quoted(string value) => value.All(letter => letter is '=' || Figures.Argument($"{letter}") == $"{letter}") ? value : Figures.Argument(value);

    private static TrainForm Of(Func<string, Microsoft.Extensions.Primitives.StringValues> read)
    {
        string? Text(string name) => read(name) is { Count: > 0 } value && value[0]?.Trim() is { Length: > 0 } text ? text.Length <= LongestValue ? text
            : throw new SettingsException($"'{name}' has {text.Length} characters; at most {LongestValue} are taken.") : null;
        return new TrainForm
        {
            Data = Text("data"),
            Preset = Text("preset"),
            IsPretrained = Text("pretrained") is not null,
            Name = Text("name"),
            More = Text("more"),
            Values = Fields.Select(field => (field.Name, Value: Text(field.Name))).Where(pair => pair.Value is not null).ToDictionary(pair => pair.Name, pair => pair.Value!), // Just looked at.
        };
    }
}
