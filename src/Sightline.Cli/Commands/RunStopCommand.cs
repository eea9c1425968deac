using System.CommandLine;
using Sightline.Cli.CommandLine;
using Sightline.Cli.Runs;
using Sightline.Runs;

namespace Sightline.Cli.Commands;

/// <summary><c>sightline run stop RUN</c>.</summary>
internal static class RunStopCommand
{
    public static Command Create()
    {
        var asking = new Asking();
        return asking.AddTo(new Command("stop", "End a running training after its current step, with a checkpoint; its exit code is then 10."))
            .Does(invocation => asking.Ask(invocation, asking.Run(invocation), ControlAction.Stop));
    }
}
