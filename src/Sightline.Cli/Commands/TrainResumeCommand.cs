using System.CommandLine;
using Sightline.Cli.CommandLine;
using Sightline.Cli.Jobs;
using Sightline.Cli.Metrics;
using Sightline.Cli.Progress;
using Sightline.Cli.Runs;
using Sightline.Compute.Jobs;

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
        var here = new Option<bool>("--here") { Description = "Go on on this machine with a run that was trained elsewhere." };
        var command = new Command("resume", "Go on with a run from its last checkpoint, exactly as if it had not stopped; a run elsewhere that still goes on is followed.") { run, runs, progress, here };
        metrics.AddTo(command);
        var on = new OnArguments();
        on.AddFollowingTo(command);
        return command.Does(invocation =>
        {
            var arguments = invocation.Arguments;
            var (name, folder) = (arguments.GetRequiredValue(run), arguments.GetRequiredValue(runs));
            // A job is known before its run has a run.json.
            var job = new[] { name, Path.Combine(folder, name) }.FirstOrDefault(path => JobRecord.Read(path) is not null);
            if (job is not null && !arguments.GetValue(here))
            {
                return new RemoteTraining(invocation, on, folder, arguments.Progress(progress)).Resume(Path.GetFullPath(job), JobRecord.Read(job)!); // It was read above.
            }

            var found = RunLocator.Find(name, folder);
            using var server = metrics.Serve(invocation);
            Runs.Training.Resume(invocation, found, arguments.Progress(progress));
            return ExitCode.Done;
        });
    }
}
