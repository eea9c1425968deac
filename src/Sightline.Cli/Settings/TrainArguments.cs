using System.CommandLine;
using Sightline.Training;

namespace Sightline.Cli.Settings;

/// <summary>The options of <c>train</c> that set something of <see cref="TrainOptions"/>, tied to the settings' names.</summary>
internal sealed class TrainArguments
{
    private readonly Option<string?> _model = Text("--model", "NAME", "Model; 'sightline model list' shows all. Default: by picture size.");
    private readonly Option<int?> _epochs = Number("--epochs", "Passes over the training pictures.");
    private readonly Option<int?> _batch = Number("--batch", "Pictures per step.");
    private readonly Option<int?> _size = Number("--size", "Side of the input in pixels. Default: the model's, or the data's for small pictures.");
    private readonly Option<long?> _seed = new("--seed") { Description = "Seed of everything random in the run.", HelpName = "N" };
    private readonly Option<double?> _learningRate = new("--learning-rate") { Description = "Peak learning rate.", HelpName = "X" };
    private readonly Option<string?> _device = Text("--device", "NAME", "auto, cpu or cuda[:N].");
    private readonly Option<string?> _weights = Text("--weights", "FILE", "Weights to start from: safetensors or .pth.");
    private readonly Option<string[]> _set = Sets();

    /// <summary>A <c>--set</c> option.</summary>
    public static Option<string[]> Sets() => new("--set")
    {
        Description = "Any setting by name, such as optimizer.weightDecay=0.0001; may be repeated. docs/settings.md lists all.",
        HelpName = "KEY=VALUE",
        Arity = ArgumentArity.OneOrMore,
        AllowMultipleArgumentsPerToken = false,
    };

    /// <summary>Adds the options to a command.</summary>
    public void AddTo(Command command)
    {
        foreach (var option in new Option[] { _model, _epochs, _batch, _size, _seed, _learningRate, _device, _weights, _set })
        {
            command.Add(option);
        }
    }

    /// <summary>Adds what was given to the settings; an option of its own wins over <c>--set</c>.</summary>
    public void Apply(ParseResult arguments, TrainSettings settings)
    {
        foreach (var pair in arguments.GetValue(_set) ?? [])
        {
            settings.Add(pair);
        }

        settings.Add("model", arguments.GetValue(_model));
        settings.Add("epochs", arguments.GetValue(_epochs));
        settings.Add("batchSize", arguments.GetValue(_batch));
        settings.Add("size", arguments.GetValue(_size));
        settings.Add("seed", arguments.GetValue(_seed));
        settings.Add("optimizer.learningRate", arguments.GetValue(_learningRate));
        settings.Add("device", arguments.GetValue(_device));
        settings.Add("weights", arguments.GetValue(_weights));
    }

    private static Option<string?> Text(string name, string value, string description) => new(name) { Description = description, HelpName = value };

    private static Option<int?> Number(string name, string description) => new(name) { Description = description, HelpName = "N" };
}
