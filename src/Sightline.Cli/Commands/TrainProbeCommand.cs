using System.CommandLine;
using System.Text.Json;
using Sightline.Cli.CommandLine;
using Sightline.Cli.Memory;
using Sightline.Training;

namespace Sightline.Cli.Commands;

/// <summary><c>sightline train probe</c>: the other side of <see cref="ProbeProcess"/>; not shown in the help.</summary>
internal static class TrainProbeCommand
{
    public static Command Create()
    {
        var command = new Command("probe", "Takes a few steps on noise; reads its settings from standard input.") { Hidden = true };
        return command.Does(invocation =>
        {
            var request = JsonSerializer.Deserialize<ProbeRequest>(Console.In.ReadToEnd(), SightlineJson.Line)
                ?? throw new SettingsException("'train probe' is for 'train plan --probe', 'gpu plan --probe' and 'train --batch auto'; it reads its settings from standard input.");
            invocation.Terminal.Out.WriteLine(JsonSerializer.Serialize(MemoryProbe.Run(request.Settings, request.Parts, request.Length), SightlineJson.Line));
        });
    }
}
