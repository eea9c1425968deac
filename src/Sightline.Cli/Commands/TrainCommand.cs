using System.CommandLine;
using Sightline.Cli.CommandLine;
using Sightline.Cli.Progress;
using Sightline.Cli.Settings;

namespace Sightline.Cli.Commands;

/// <summary><c>sightline train [DATA]</c>, with <c>train resume</c> below it.</summary>
internal static class TrainCommand
{
    public static Command Create()
    {
        var source = new TrainSource();
        var runs = CommonOptions.Runs();
        var name = new Option<string?>("--name") { Description = "Name of the run's folder. Default: time and model.", HelpName = "NAME" };
        var progress = ProgressOption.Create();
        var command = new Command("train", "Train a classifier on a folder of images.");
        source.AddTo(command);
        command.Add(runs);
        command.Add(name);
        command.Add(progress);
        command.Add(TrainResumeCommand.Create());
        command.Add(TrainPlanCommand.Create());
        command.Add(TrainProbeCommand.Create());
        command.Add(TrainFindRateCommand.Create());
        return command.Does(invocation =>
        {
            var arguments = invocation.Arguments;
            var choice = source.Read(invocation);
            Runs.Training.Start(invocation, choice, arguments.GetRequiredValue(runs), arguments.GetValue(name), arguments.Progress(progress));
        });
    }
}
