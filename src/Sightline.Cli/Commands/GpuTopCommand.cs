using System.CommandLine;
using System.Text.Json;
using Sightline.Cli.CommandLine;
using Sightline.Cli.Gpus;
using Sightline.Compute.Monitoring;
using Spectre.Console;

namespace Sightline.Cli.Commands;

/// <summary><c>sightline gpu top</c>.</summary>
internal static class GpuTopCommand
{
    public static Command Create()
    {
        var once = new Option<bool>("--once") { Description = "Show the state now, and return." };
        var command = new Command("top", "The GPUs and the load of this machine, each second. A figure that a GPU does not tell is N/A.") { once };
        return command.Does(invocation =>
        {
            using var gpus = new NvmlMonitor();
            var host = new HostMonitor(TimeProvider.System);
            host.Read(); // Rates need one before.
            var stop = invocation.Interrupts.StopSaying("");
            if (invocation.Arguments.GetValue(once))
            {
                stop.WaitHandle.WaitOne(SystemSampler.ReadingInterval);
                var now = GpuTable.Take(gpus, host, TimeProvider.System);
                invocation.Result(now, text => GpuTable.Lines(now).ToList().ForEach(line => text.WriteLine(line.Text)));
                return ExitCode.Done;
            }

            if (invocation.Json || Console.IsOutputRedirected || !Terminal.IsWatched)
            {
                return Each(stop, () =>
                {
                    var now = GpuTable.Take(gpus, host, TimeProvider.System);
                    invocation.Terminal.Out.WriteLine(invocation.Json ? JsonSerializer.Serialize(now, SightlineJson.Line) : string.Join('\n', GpuTable.Lines(now).Select(line => line.Text)) + "\n");
                    invocation.Terminal.Out.Flush();
                });
            }

            AnsiConsole.Live(new Text("")).Start(display => Each(stop, () => display.UpdateTarget(
                new Rows(GpuTable.Lines(GpuTable.Take(gpus, host, TimeProvider.System)).Select(line => new Text(line.Text, new Style(line.Colour)))))));
            return ExitCode.Done;
        });
    }

    private static ExitCode Each(CancellationToken stop, Action show)
    {
        do
        {
            show();
        }
        while (!stop.WaitHandle.WaitOne(SystemSampler.ReadingInterval));
        return ExitCode.Done;
    }
}
