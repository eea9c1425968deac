using System.CommandLine;
using System.Text.Json;
using Sightline.Cli.CommandLine;
using Sightline.Cli.Jobs;
using Sightline.Cli.Runs;
using Sightline.Cli.Settings;
using Sightline.Compute.Gpus;
using Sightline.Compute.Monitoring;
using Sightline.Runs;
using Spectre.Console;

namespace Sightline.Cli.Commands;

/// <summary><c>sightline run watch RUN</c>.</summary>
internal static class RunWatchCommand
{
    private const string Alerts = "alerts.";
    private const string WebhookVariable = "SIGHTLINE_WEBHOOK";
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LineInterval = TimeSpan.FromSeconds(30);

    public static Command Create()
    {
        var run = RunLocator.Argument();
        var runs = CommonOptions.Runs();
        var once = new Option<bool>("--once") { Description = "Show the state now, and return." };
        var price = new Option<decimal?>("--price") { Description = "Price of the machine, USD per hour, where the run's job.json has none.", HelpName = "USD" };
        var cap = new Option<decimal?>("--max-cost") { Description = "What the run may cost, USD; told at 80 % and 100 % of it.", HelpName = "USD" };
        var gpu = new Option<string?>("--gpu") { Description = "The GPU it runs on, for advice on a cheaper card; a name of 'gpu list'.", HelpName = "GPU" };
        var webhook = new Option<string?>("--webhook")
        {
            Description = $"Address that gets each new alert as JSON. Default: the variable {WebhookVariable}, which keeps a secret address out of the list of processes.",
            HelpName = "URL",
        };
        var set = new Option<string[]>("--set")
        {
            Description = "Another threshold than the run's own, such as alerts.idleWarnMinutes=5; may be repeated. docs/settings.md has all.", HelpName = "KEY=VALUE", AllowMultipleArgumentsPerToken = false,
        };
        var command = new Command("watch", "Watch a run, on this machine or elsewhere: progress, machine, cost, alerts. With --json a line per event.") { run, runs, once, price, cap, gpu, webhook, set };
        return command.Does(invocation =>
        {
            var arguments = invocation.Arguments;
            if (arguments.GetValue(price) is <= 0 || arguments.GetValue(cap) is <= 0)
            {
                throw new SettingsException("--price and --max-cost must be above 0, in USD.");
            }

            var given = new RunJob { PricePerHourUsd = arguments.GetValue(price), MaxCostUsd = arguments.GetValue(cap), Gpu = arguments.GetValue(gpu) };
            if (given.Gpu is not null)
            {
                GpuCatalog.Find(given.Gpu); // Says what there is.
            }

            var address = arguments.GetValue(webhook) ?? Environment.GetEnvironmentVariable(WebhookVariable);
            var target = string.IsNullOrEmpty(address) ? null : Webhook.Address(address);
            var found = JobAttachment.Find(invocation, arguments.GetRequiredValue(run), arguments.GetRequiredValue(runs));
            using var job = JobAttachment.Of(invocation, found);
            var watcher = new RunWatcher(found, given, TimeProvider.System, Rules(found, arguments.GetValue(set) ?? [])) { Cheaper = (view, job) => CheaperAdvice.Of(found, view, job) };
            if (!arguments.GetValue(once))
            {
                return Follow(invocation, watcher, target);
            }

            var now = watcher.Refresh();
            Send(invocation, target, now, watcher.NewAlerts.Where(alert => TimeProvider.System.GetUtcNow() - alert.At < AlertLog.Quiet));
            invocation.Result(now, text => WatchLines.Of(now).ToList().ForEach(text.WriteLine));
            return ExitCode.Done;
        });
    }

    private static AlertOptions Rules(RunFolder run, string[] pairs)
    {
        if (pairs.FirstOrDefault(pair => !pair.StartsWith(Alerts, StringComparison.Ordinal)) is { } other)
        {
            throw new SettingsException($"'run watch --set' takes thresholds alone, such as {Alerts}idleWarnMinutes=5; '{other}' is none. A running training is changed with 'sightline run adjust'.");
        }

        var settings = new TrainSettings();
        settings.AddJson(JsonSerializer.Serialize(new { run.Settings.Options.Alerts }, SightlineJson.Line), "the run's settings");
        pairs.ToList().ForEach(settings.Add);
        return settings.Build().Alerts;
    }

    private static ExitCode Follow(Invocation invocation, RunWatcher watcher, Uri? webhook)
    {
        var stop = invocation.Interrupts.StopSaying("Watching ends; the run goes on.");
        var isLive = !invocation.Json && !Console.IsOutputRedirected && Terminal.IsWatched;
        if (!isLive)
        {
            return Loop(invocation, watcher, webhook, stop, Lines(invocation, watcher));
        }

        // Start takes no result in its synchronous form.
        var code = ExitCode.Done;
        AnsiConsole.Live(new Text("")).Start(display =>
            code = Loop(invocation, watcher, webhook, stop, view => display.UpdateTarget(new Rows(WatchLines.Of(view).Select(line => new Text(line))))));
        return code;
    }

    private static Action<RunView> Lines(Invocation invocation, RunWatcher watcher)
    {
        var (toldAt, state, epoch) = (0L, "", -1);
        return view =>
        {
            var target = invocation.Terminal.Out;
            if (invocation.Json)
            {
                foreach (var seen in watcher.NewEvents)
                {
                    target.WriteLine(JsonSerializer.Serialize(new { type = "event", @event = seen }, SightlineJson.Line));
                }

                foreach (var alert in watcher.NewAlerts)
                {
                    target.WriteLine(JsonSerializer.Serialize(new { type = "alert", alert }, SightlineJson.Line));
                }
            }
            else
            {
                watcher.NewAlerts.Select(WatchLines.Alert).ToList().ForEach(target.WriteLine);
            }

            if (view.State != state || view.Epoch != epoch || TimeProvider.System.GetElapsedTime(toldAt) > LineInterval)
            {
                (toldAt, state, epoch) = (TimeProvider.System.GetTimestamp(), view.State, view.Epoch);
                target.WriteLine(invocation.Json ? JsonSerializer.Serialize(new { type = "view", view }, SightlineJson.Line) : WatchLines.Short(view));
            }

            target.Flush();
        };
    }

    // Ends with the run, and then as the run did.
    private static ExitCode Loop(Invocation invocation, RunWatcher watcher, Uri? webhook, CancellationToken stop, Action<RunView> show)
    {
        var since = TimeProvider.System.GetUtcNow();
        while (true)
        {
            var view = watcher.Refresh();
            show(view);
            Send(invocation, webhook, view, watcher.NewAlerts.Where(alert => alert.At >= since));
            switch (watcher.Status?.State)
            {
                case RunState.Finished:
                    return ExitCode.Done;
                case RunState.Stopped:
                    return ExitCode.Stopped;
                case RunState.Failed:
                    return watcher.Status.Heartbeat?.ExitCode is { } code ? (ExitCode)code : ExitCode.Unexpected;
            }

            if (stop.WaitHandle.WaitOne(Interval))
            {
                return ExitCode.Interrupted;
            }
        }
    }

    private static void Send(Invocation invocation, Uri? webhook, RunView view, IEnumerable<Alert> alerts)
    {
        if (webhook is null)
        {
            return;
        }

        using var http = new HttpClient { Timeout = TimeSpan.FromSeconds(10) };
        foreach (var alert in alerts)
        {
            if (new Webhook(http, webhook, TimeProvider.System).SendAsync(view.Name, alert, CancellationToken.None).GetAwaiter().GetResult() is { } trouble)
            {
                invocation.Say($"The alert was not sent: {trouble}.");
            }
        }
    }
}
