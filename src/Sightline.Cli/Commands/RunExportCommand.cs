using System.CommandLine;
using Sightline.Cli.CommandLine;
using Sightline.Cli.Runs;
using Sightline.Runs.TensorBoard;

namespace Sightline.Cli.Commands;

/// <summary><c>sightline run export RUN</c>.</summary>
internal static class RunExportCommand
{
    public static Command Create()
    {
        var run = RunLocator.Argument();
        var folder = new Option<string?>("--tensorboard")
        {
            Description = "Folder for the TensorBoard event file. Default: 'tensorboard' in the run's folder.",
            HelpName = "FOLDER",
        };
        var runs = CommonOptions.Runs();
        return new Command("export", "Write a run's curves and layer readings as TensorBoard event files.") { run, folder, runs }.Does(invocation =>
        {
            var found = RunLocator.Find(invocation.Arguments.GetRequiredValue(run), invocation.Arguments.GetRequiredValue(runs));
            var target = Path.GetFullPath(invocation.Arguments.GetValue(folder) ?? found.TensorBoardFolder);
            var events = found.ReadEvents();
            new TensorBoardLog(target, events, TimeProvider.System.GetUtcNow()).Dispose();
            invocation.Result(new { run = found.Path, tensorBoard = target, events = events.Count }, text =>
                text.WriteLine($"{events.Count} events are in {target}. Look at them with 'tensorboard --logdir {target}'."));
        });
    }
}
