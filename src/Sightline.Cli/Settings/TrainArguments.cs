using System.CommandLine;
using Sightline.Training;
using Sightline.Weights;

namespace Sightline.Cli.Settings;

/// <summary>The options of <c>train</c> that set something of <see cref="TrainOptions"/>, tied to the settings' names.</summary>
internal sealed class TrainArguments
{
    private const string AutoBatch = "auto";

    private readonly Option<string?> _model = Text("--model", "NAME", "Model; 'sightline model list' shows all. Default: by picture size.");
    private readonly Option<string?> _epochs = Text("--epochs", "N", "Passes over the training pictures.");
    private readonly Option<string?> _batch = Text("--batch", "N", "Pictures per step; 'auto' measures how many fit at once, and divides each step's batch.");
    private readonly Option<string?> _size = Text("--size", "N", "Side of the input in pixels. Default: the model's, or the data's for small pictures.");
    private readonly Option<string?> _seed = Text("--seed", "N", "Seed of everything random in the run.");
    private readonly Option<string?> _learningRate = Text("--learning-rate", "X", "Peak learning rate.");
    private readonly Option<string?> _device = Text("--device", "NAME", "auto, cpu or cuda[:N].");
    private readonly Option<string?> _augment = Augment();
    private readonly Option<string?> _weights = Text("--weights", "FILE", "Weights to start from: safetensors or .pth.");
    private readonly Option<string?> _freeze = Text("--freeze", "STAGES", "Stages that do not learn: backbone (all but the head), a number counted from the stem, or names with commas.");
    private readonly Option<bool> _fineTune = new("--fine-tune")
    {
        Description = "Settings for few pictures and pre-trained weights: the head alone first, then all of it at rates that rise towards the head (recipes/fine-tune.json).",
    };

    private readonly Option<bool> _pretrained = new("--pretrained")
    {
        Description = "Start from the model's published weights, fetched when needed. Other ones: --set pretrained=NAME ('sightline model list' shows the names).",
    };

    private readonly Option<string[]> _set = Sets();

    /// <summary>A <c>--set</c> option.</summary>
    public static Option<string[]> Sets() => new("--set")
    {
        Description = "Any setting by name, such as optimizer.weightDecay=0.0001; may be repeated. docs/settings.md lists all.",
        HelpName = "KEY=VALUE",
        Arity = ArgumentArity.OneOrMore,
        AllowMultipleArgumentsPerToken = false,
    };

    /// <summary>A <c>--augment</c> option.</summary>
    public static Option<string?> Augment() =>
        Text("--augment", "POLICY", "basic, none, trivial, rand, auto, autoCifar10 or augmix, or a JSON list of operators. Default: basic, flip and crop by size.");

    /// <summary>Whether the batch is to be divided by measurement (<c>--batch auto</c>).</summary>
    public bool IsBatchAuto(ParseResult arguments) => arguments.GetValue(_batch) == AutoBatch;

    /// <summary>For commands that are not of one run.</summary>
    /// <exception cref="SettingsException"><c>--batch auto</c> was passed.</exception>
    public void RefuseBatchAuto(ParseResult arguments)
    {
        if (IsBatchAuto(arguments))
        {
            throw new SettingsException("--batch auto divides the batch of one run by measurement; here it must be a number. Pass --batch 64.");
        }
    }

    /// <summary>Adds the options to a command.</summary>
    public void AddTo(Command command)
    {
        foreach (var (_, option) in Keys())
        {
            command.Add(option);
        }

        command.Add(_pretrained);
        command.Add(_fineTune);
        command.Add(_set);
    }

    /// <summary>Adds what was given to the settings; an option of its own wins over <c>--set</c>.</summary>
    public void Apply(ParseResult arguments, TrainSettings settings)
    {
        if (arguments.GetValue(_fineTune))
        {
            settings.AddJson(Recipe.Read(Recipe.FineTune), "--fine-tune");
        }

        foreach (var pair in arguments.GetValue(_set) ?? [])
        {
            settings.Add(pair);
        }

        if (arguments.GetValue(_pretrained))
        {
            if (arguments.GetValue(_weights) is not null)
            {
                throw new SettingsException("--pretrained and --weights both name weights to start from. Pass one of them.");
            }

            settings.Add("pretrained", WeightsCatalog.Default, _pretrained.Name);
        }

        foreach (var (key, option) in Keys())
        {
            if (arguments.GetValue(option) is { } text && !(option == _batch && text == AutoBatch))
            {
                settings.Add(key, text, option.Name);
            }
        }
    }

    // Values stay text here, so that a wrong one is reported in the same words as in --set.
    private IEnumerable<(string Key, Option<string?> Option)> Keys() =>
    [
        ("model", _model), ("epochs", _epochs), ("batchSize", _batch), ("size", _size), ("seed", _seed),
        ("optimizer.learningRate", _learningRate), ("device", _device), ("weights", _weights), ("augment", _augment),
        ("transfer.freeze", _freeze),
    ];

    private static Option<string?> Text(string name, string value, string description) => new(name) { Description = description, HelpName = value };
}
