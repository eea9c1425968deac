using System.CommandLine;
using Sightline.Cli.CommandLine;
using Sightline.Cli.Runs;
using Sightline.Runs;

namespace Sightline.Cli.Commands;

/// <summary><c>sightline run resume RUN</c>.</summary>
internal static class RunResumeCommand
{
    public static Command Create()
    {
        var asking = new Asking();
        return asking.AddTo(new Command("resume", "Let a paused training go on. A stopped one goes on with 'sightline train resume'."))
            .Does(invocation => asking.Ask(invocation, asking.Run(invocation), ControlAction.Resume));
    }
}
