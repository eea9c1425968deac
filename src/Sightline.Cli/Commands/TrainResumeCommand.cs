using System.CommandLine;
using Sightline.Cli.CommandLine;
using Sightline.Cli.Metrics;
using Sightline.Cli.Progress;
using Sightline.Cli.Runs;

namespace Sightline.Cli.Commands;

/// <summary><c>sightline train resume RUN</c>.</summary>
internal static class TrainResumeCommand
{
    public static Command Create()
    {
        var run = RunLocator.Argument();
        var runs = CommonOptions.Runs();
        var progress = ProgressOption.Create();
        var metrics = new MetricsOption();
        var command = new Command("resume", "Go on with a run from its last checkpoint, exactly as if it had not stopped.") { run, runs, progress };
        metrics.AddTo(command);
        return command.Does(invocation =>
        {
            var arguments = invocation.Arguments;
            var found = RunLocator.Find(arguments.GetRequiredValue(run), arguments.GetRequiredValue(runs));
            using var server = metrics.Serve(invocation);
            Runs.Training.Resume(invocation, found, arguments.Progress(progress));
        });
    }
}
