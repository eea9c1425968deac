using System.CommandLine;
using Sightline.Cli.CommandLine;
using Sightline.Cli.Progress;
using Sightline.Cli.Runs;
using Sightline.Cli.Settings;
using Sightline.Data;

namespace Sightline.Cli.Commands;

/// <summary><c>sightline train [DATA]</c>, with <c>train resume</c> below it.</summary>
internal static class TrainCommand
{
    public static Command Create()
    {
        var data = new Argument<string?>("DATA")
        {
            Description = "Folder of class folders (with or without train, validation and test above them) or of IDX files, a stored data set (NAME or NAME@NUMBER), or fashion-mnist.",
            Arity = ArgumentArity.ZeroOrOne,
        };
        var config = new Option<string?>("--config") { Description = "JSON file of settings, or the run.json of a run to repeat.", HelpName = "FILE" };
        var train = new TrainArguments();
        var runs = CommonOptions.Runs();
        var name = new Option<string?>("--name") { Description = "Name of the run's folder. Default: time and model.", HelpName = "NAME" };
        var progress = ProgressOption.Create();
        var command = new Command("train", "Train a classifier on a folder of images.") { data, config };
        train.AddTo(command);
        command.Add(runs);
        command.Add(name);
        command.Add(progress);
        command.Add(TrainResumeCommand.Create());
        return command.Does(invocation =>
        {
            var arguments = invocation.Arguments;
            var settings = new TrainSettings();
            if (arguments.GetValue(config) is { } file)
            {
                settings.AddFile(file);
            }

            train.Apply(arguments, settings);
            var options = settings.Build();
            var location = arguments.GetValue(data) ?? settings.DataLocation
                ?? throw new SettingsException("What to train on is missing. Pass the data's folder: 'sightline train DATA'.");
            location = DataLocator.Find(location, new FashionMnistOptions(), invocation);
            Runs.Training.Start(invocation, options, location, arguments.GetRequiredValue(runs), arguments.GetValue(name), arguments.Progress(progress));
        });
    }
}
