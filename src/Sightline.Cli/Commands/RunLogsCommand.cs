using System.CommandLine;
using System.Text.Json;
using Sightline.Cli.CommandLine;
using Sightline.Cli.Jobs;
using Sightline.Cli.Runs;
using Sightline.Runs;

namespace Sightline.Cli.Commands;

/// <summary><c>sightline run logs RUN</c>.</summary>
internal static class RunLogsCommand
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(500);

    public static Command Create()
    {
        var run = RunLocator.Argument();
        var runs = CommonOptions.Runs();
        var follow = new Option<bool>("--follow", "-f") { Description = "Go on as lines come, until the run ends." };
        var output = new Option<bool>("--output") { Description = "Instead: what the program printed on the machine of a job ('train --on')." };
        var command = new Command("logs", "What a run has told, a line per event; with --json the events themselves.") { run, runs, follow, output };
        return command.Does(invocation =>
        {
            var found = JobAttachment.Find(invocation, invocation.Arguments.GetRequiredValue(run), invocation.Arguments.GetRequiredValue(runs));
            var watcher = new RunWatcher(found, new RunJob(), TimeProvider.System);
            var target = invocation.Terminal.Out;
            using var job = JobAttachment.Of(invocation, found);
            var printed = invocation.Arguments.GetValue(output) ? new LineTail(Path.Combine(found.Path, "job.log")) : null;
            if (printed is not null && !RunJob.IsCopy(found))
            {
                throw new NotFoundException($"The run '{Path.GetFileName(found.Path)}' is no job on another machine, so nothing was kept of what it printed. Leave --output out.");
            }

            while (true)
            {
                watcher.Refresh();
                foreach (var line in printed?.New() ?? watcher.NewEvents.Select(seen => invocation.Json ? JsonSerializer.Serialize(seen, SightlineJson.Line) : WatchLines.Event(seen)).OfType<string>())
                {
                    target.WriteLine(line);
                }

                target.Flush();
                if (!invocation.Arguments.GetValue(follow) || watcher.Status?.State is RunState.Finished or RunState.Stopped or RunState.Failed)
                {
                    return ExitCode.Done;
                }

                if (invocation.Interrupts.StopSaying("The run goes on.").WaitHandle.WaitOne(Interval))
                {
                    return ExitCode.Interrupted;
                }
            }
        });
    }
}
