using Sightline.Cli.Output;
using Sightline.Compute.Monitoring;
using Sightline.Runs;

namespace Sightline.Cli.Runs;

/// <summary>A watched run as lines for people.</summary>
internal static class WatchLines
{
    /// <summary>The whole picture.</summary>
    public static IEnumerable<string> Of(RunView view)
    {
        yield return $"{view.Name}: {view.State} since {view.StateSince.UtcDateTime:yyyy-MM-dd HH:mm:ss} UTC{(view.Phase is { } phase && view.State == "running" ? $", {phase}" : "")}";
        if (view.StateReason is { } reason)
        {
            yield return $"  {reason}";
        }

        var left = view.SecondsLeft is { } seconds ? Readable.Duration(seconds) : "-";
        yield return $"progress  epoch {view.Epoch}/{view.Epochs}  step {view.Step}/{view.TotalSteps} ({(view.TotalSteps > 0 ? 100.0 * view.Step / view.TotalSteps : 0):0} %)  elapsed {Readable.Duration(view.Seconds)}  left {left}";
        yield return $"speed     step {Seconds(view.StepSeconds)}  {Number(view.ImagesPerSecond, "0")} img/s  waiting for data {Share(view.DataWaitShare)}";
        yield return $"learning  loss {Number(view.TrainLoss, "0.0000")}  rate {Number(view.LearningRate, "0.####e+0")}  validation {Readable.Percent(view.ValidationAccuracy)}  best {Readable.Percent(view.BestAccuracy)}";
        if (view.System is { } system)
        {
            yield return Host(system);
            foreach (var gpu in system.Gpus)
            {
                yield return $"gpu {gpu.Index}     {GpuLines.Of(gpu)}";
            }
        }

        if (view.SpentUsd is { } spent)
        {
            yield return $"cost      {spent:0.00} USD{(view.MaxCostUsd is { } cap ? $" of at most {cap:0.00} ({100 * spent / cap:0} %)" : "")}, {view.PricePerHourUsd:0.####} USD per hour{(view.Offer is { } offer ? $" ({offer})" : "")}";
        }

        foreach (var alert in view.Alerts)
        {
            yield return Alert(alert);
        }
    }

    /// <summary>One line for logs.</summary>
    public static string Short(RunView view) =>
        $"{view.State}  epoch {view.Epoch}/{view.Epochs}  step {view.Step}/{view.TotalSteps}  loss {Number(view.TrainLoss, "0.0000")}  {Number(view.ImagesPerSecond, "0")} img/s" +
        $"  left {(view.SecondsLeft is { } left ? Readable.Duration(left) : "-")}{(view.SpentUsd is { } spent ? $"  {spent:0.00} USD" : "")}";

    /// <summary>An alert.</summary>
    public static string Alert(Alert alert) => $"{alert.Severity.ToString().ToUpperInvariant()} {alert.At.UtcDateTime:HH:mm:ss}  {alert.Message}";

    /// <summary>An event of the run; null for those that say nothing to people.</summary>
    public static string? Event(RunEvent seen)
    {
        var what = seen.Kind switch
        {
            "step" => $"step {seen.Step}/{seen.TotalSteps}  loss {Number(seen.TrainLoss, "0.0000")}  rate {Number(seen.LearningRate, "0.####e+0")}  {Number(seen.ImagesPerSecond, "0")} img/s",
            "epoch" => $"epoch {seen.Epoch}  train loss {Number(seen.TrainLoss, "0.0000")}  validation loss {Number(seen.ValidationLoss, "0.0000")}  validation {Readable.Percent(seen.ValidationAccuracy)}",
            _ => seen.Message,
        };
        return what is null ? null : $"{seen.At.UtcDateTime:yyyy-MM-dd HH:mm:ss}  {seen.Kind,-9}  {what}";
    }

    private static string Host(SystemSample system) =>
        $"host      CPU {Number(system.CpuPercent?.Mean, "0")} %  memory {Bytes(system.MemoryUsedBytes?.Mean)} of {Bytes(system.MemoryTotalBytes)}" +
        $"  disk {Bytes(system.DiskReadPerSecond?.Mean)}/s in, {Bytes(system.DiskWritePerSecond?.Mean)}/s out  network {Bytes(system.NetworkReceivePerSecond?.Mean)}/s in, {Bytes(system.NetworkSendPerSecond?.Mean)}/s out";

    private static string Bytes(double? value) => value is { } bytes ? Readable.Bytes(bytes) : "N/A";

    private static string Share(double? value) => value is { } share ? $"{100 * share:0} %" : "-";

    private static string Seconds(double? value) => value switch
    {
        null => "-",
        < 1 => $"{1000 * value:0} ms",
        _ => $"{value:0.00} s",
    };

    private static string Number(double? value, string format) => value?.ToString(format) ?? "-";
}
