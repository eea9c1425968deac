using System.CommandLine;
using Sightline.Cli.CommandLine;
using Sightline.Cli.Runs;
using Sightline.Data;
using Sightline.Runs;
using Sightline.Training;

namespace Sightline.Cli.Settings;

/// <summary>Settings and data as <c>train</c> takes them: DATA, a file, options of their own, <c>--set</c>.</summary>
internal sealed class TrainSource
{
    private readonly Argument<string?> _data = new("DATA")
    {
        Description = "Folder of class folders (with or without train, validation and test above them) or of IDX files, a stored data set (NAME or NAME@NUMBER), or fashion-mnist.",
        Arity = ArgumentArity.ZeroOrOne,
    };

    private readonly Option<string?> _config = new("--config") { Description = "JSON file of settings, or the run.json of a run to repeat.", HelpName = "FILE" };
    private readonly TrainArguments _train = new();

    /// <summary>Adds the arguments to a command.</summary>
    public void AddTo(Command command)
    {
        command.Add(_data);
        command.Add(_config);
        _train.AddTo(command);
    }

    /// <summary>What was given.</summary>
    /// <param name="invocation">The command.</param>
    /// <param name="repeated">The run whose settings and data are taken; null where none is repeated.</param>
    public Choice Read(Invocation invocation, RunFolder? repeated = null)
    {
        var arguments = invocation.Arguments;
        var settings = new TrainSettings();
        if (repeated is not null)
        {
            settings.AddFile(Path.Combine(repeated.Path, "run.json"));
        }

        if (arguments.GetValue(_config) is { } file)
        {
            settings.AddFile(file);
        }

        _train.Apply(arguments, settings);
        var options = settings.Build();
        var location = arguments.GetValue(_data) ?? settings.DataLocation
            ?? throw new SettingsException("What to train on is missing. Pass the data's folder: 'sightline train DATA'.");
        return new Choice(
            options, DataLocator.Find(location, new FashionMnistOptions(), invocation), _train.IsBatchAuto(arguments), settings.Has("batchSize"));
    }

    /// <summary>What was chosen.</summary>
    /// <param name="Options">The settings.</param>
    /// <param name="Location">Where the data lie.</param>
    /// <param name="IsBatchAuto">Whether the batch is to be divided by measurement.</param>
    /// <param name="IsBatchGiven">Whether the batch's size was given; the default shrinks to small data.</param>
    internal sealed record Choice(TrainOptions Options, string Location, bool IsBatchAuto, bool IsBatchGiven);
}
