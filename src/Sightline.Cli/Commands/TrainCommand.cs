using System.CommandLine;
using Sightline.Cli.CommandLine;
using Sightline.Cli.Jobs;
using Sightline.Cli.Metrics;
using Sightline.Cli.Progress;
using Sightline.Cli.Runs;
using Sightline.Cli.Settings;
using Sightline.Compute.Jobs;

namespace Sightline.Cli.Commands;

/// <summary><c>sightline train [DATA]</c>, with <c>train resume</c> below it.</summary>
internal static class TrainCommand
{
    public static Command Create()
    {
        var source = new TrainSource();
        var runs = CommonOptions.Runs();
        var name = new Option<string?>("--name") { Description = "Name of the run's folder. Default: time and model.", HelpName = "NAME" };
        var reproduce = new Option<string?>("--reproduce")
        {
            Description = "Train again with all settings of a finished run, and say whether the weights come out bit-identical; exit code 5 if not.",
            HelpName = "RUN",
        };
        var on = new OnArguments();
        var progress = ProgressOption.Create();
        var metrics = new MetricsOption();
        var command = new Command("train", "Train a classifier on a folder of images.");
        source.AddTo(command);
        command.Add(reproduce);
        command.Add(runs);
        command.Add(name);
        command.Add(progress);
        metrics.AddTo(command);
        on.AddTo(command);
        command.Add(TrainResumeCommand.Create());
        command.Add(TrainPlanCommand.Create());
        command.Add(TrainProbeCommand.Create());
        command.Add(TrainFindRateCommand.Create());
        return command.Does(invocation =>
        {
            var arguments = invocation.Arguments;
            var (folder, called, mode) = (arguments.GetRequiredValue(runs), arguments.GetValue(name), arguments.Progress(progress));
            using var server = metrics.Serve(invocation);
            if (on.On(arguments) is { } target)
            {
                if (arguments.GetValue(reproduce) is null)
                {
                    var training = new RemoteTraining(invocation, on, folder, mode);
                    return JobHosts.IsHost(target)
                        ? training.Start(source.Read(invocation), called, target)
                        : new LeasedTraining(invocation, on, training).Start(source.Read(invocation), called, target);
                }

                throw new SettingsException("--reproduce compares bits, which machines of another kind round otherwise; it cannot be combined with --on. Leave one of them out.");
            }

            if (arguments.GetValue(reproduce) is { } run)
            {
                var original = RunLocator.Find(run, folder);
                return Reproducing.Run(invocation, original, source.Read(invocation, original), folder, called, mode);
            }

            Runs.Training.Start(invocation, source.Read(invocation), folder, called, mode);
            return ExitCode.Done;
        });
    }
}
