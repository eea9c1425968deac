using System.CommandLine;
using Sightline.Cli.CommandLine;
using Sightline.Cli.Runs;
using Sightline.Cli.Settings;
using Sightline.Data;
using Sightline.Search;
using Sightline.Training;
using Sightline.Tuning;

namespace Sightline.Cli.Tuning;

/// <summary>What <c>tune start</c> takes where trials are trainings.</summary>
internal sealed class TrainingArguments
{
    private const int SmallPicture = 64;

    private readonly Argument<string?> _recipe = new("RECIPE")
    {
        Description = "Trials are trainings of this recipe: a JSON file of settings, a run's run.json, or a name such as fashion-mnist-quick.", Arity = ArgumentArity.ZeroOrOne,
    };

    private readonly Option<string?> _data = new("--data") { Description = "What is learned: a folder, a stored data set, or fashion-mnist.", HelpName = "DATA" };
    private readonly Option<string[]> _set = TrainArguments.Sets();
    private readonly Option<string> _fidelity = new("--fidelity")
    {
        Description = "What is compared before a trial's end: prefix (the beginning of the full training) or restart (a whole short one at each rung).", HelpName = "MODE", DefaultValueFactory = _ => "prefix",
    };

    private readonly Option<double> _share = new("--data-share") { Description = "Share of the training pictures that all trials learn from.", HelpName = "X", DefaultValueFactory = _ => 1 };
    private readonly Option<string?> _gpu = new("--gpu") { Description = "The GPU that trials run on, as in 'sightline gpu list': its price from the catalogue, unless --price says otherwise.", HelpName = "ID" };
    private readonly Option<bool> _perDollar = new("--per-dollar") { Description = "Weigh candidates by gain per dollar, less so as the budget is spent." };

    public void AddTo(Command command)
    {
        command.Add(_recipe);
        foreach (var option in new Option[] { _data, _set, _fidelity, _share, _gpu, _perDollar })
        {
            command.Add(option);
        }
    }

    /// <summary>The trainings that were asked for; null where none were.</summary>
    /// <param name="localWorkers">Of this machine; its processors are shared out among them where the recipe does not say.</param>
    public TrainingSpec? Read(Invocation invocation, int localWorkers)
    {
        var arguments = invocation.Arguments;
        var recipe = arguments.GetValue(_recipe);
        var location = arguments.GetValue(_data);
        if (recipe is null && location is null)
        {
            return null;
        }

        var settings = new TrainSettings();
        if (recipe is not null)
        {
            Add(settings, recipe);
        }

        foreach (var pair in arguments.GetValue(_set) ?? [])
        {
            settings.Add(pair);
        }

        var found = location ?? settings.DataLocation ?? throw new SettingsException("What the trials learn is missing: give --data, such as --data fashion-mnist.");
        var options = settings.Build();
        var mode = arguments.GetRequiredValue(_fidelity);
        return new TrainingSpec
        {
            Recipe = localWorkers > 1 ? options with { Threads = options.Threads ?? Math.Max(1, Environment.ProcessorCount / localWorkers) } : options,
            Data = DataLocator.Find(found, new FashionMnistOptions(), invocation),
            Fidelity = Enum.TryParse<FidelityMode>(mode, ignoreCase: true, out var known) && Enum.IsDefined(known) ? known
                : throw new SettingsException($"--fidelity is '{mode}'; it must be prefix or restart."),
            DataShare = arguments.GetValue(_share),
            Gpu = arguments.GetValue(_gpu),
            PerDollar = arguments.GetValue(_perDollar),
        };
    }

    /// <summary>A space by name or file, whose parameters are settings.</summary>
    public static SearchSpace Space(string given, TrainingSpec training)
    {
        var data = ImageDatasets.Open(training.Data, Trainer.Split(training.Recipe));
        var picture = data.Images.Decode(data.Train[0].Index, 0);
        var isSmall = (training.Recipe.Size ?? Math.Min(picture.Width, picture.Height)) <= SmallPicture;
        var space = File.Exists(given) ? SearchSpace.FromJson(File.ReadAllText(given)) : SpacePresets.Of(given, training.Recipe, isSmall);
        TrialSettings.Check(training.Recipe, space);
        return space;
    }

    private static void Add(TrainSettings settings, string recipe)
    {
        if (File.Exists(recipe))
        {
            settings.AddFile(recipe);
            return;
        }

        settings.AddJson(Recipe.Read(recipe), $"The recipe '{recipe}'");
    }
}
