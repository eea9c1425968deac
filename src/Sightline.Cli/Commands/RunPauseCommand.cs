using System.CommandLine;
using Sightline.Cli.CommandLine;
using Sightline.Cli.Runs;
using Sightline.Runs;

namespace Sightline.Cli.Commands;

/// <summary><c>sightline run pause RUN</c>.</summary>
internal static class RunPauseCommand
{
    public static Command Create()
    {
        var asking = new Asking();
        return asking.AddTo(new Command("pause", "Hold a running training after its current step, with a checkpoint."))
            .Does(invocation => asking.Ask(invocation, asking.Run(invocation), ControlAction.Pause));
    }
}
