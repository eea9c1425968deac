using Sightline.Cli.Output;
using Sightline.Cli.Runs;
using Sightline.Compute.Monitoring;
using Spectre.Console;

namespace Sightline.Cli.Gpus;

/// <summary>The machine at one moment, as <c>gpu top</c> shows it.</summary>
internal sealed record MachineReading(DateTimeOffset At, string? Absence, string? Driver, IReadOnlyList<GpuReading> Gpus, HostReading Host);

/// <summary>Lines of <c>gpu top</c>, with the colour of the load.</summary>
internal static class GpuTable
{
    private const int ProcessesShown = 8;

    /// <summary>Reads the machine.</summary>
    public static MachineReading Take(IGpuMonitor gpus, HostMonitor host, TimeProvider time) => new(time.GetUtcNow(), gpus.Absence, gpus.Driver, gpus.Read(), host.Read());

    /// <summary>The lines.</summary>
    public static IEnumerable<(string Text, Color Colour)> Lines(MachineReading machine)
    {
        var host = machine.Host;
        yield return ($"{machine.At.UtcDateTime:yyyy-MM-dd HH:mm:ss} UTC  {(machine.Absence is { } absence ? $"no GPU ({absence})" : $"driver {machine.Driver ?? "N/A"}")}", Color.Default);
        yield return ($"host   CPU {GpuLines.Percent(host.CpuPercent)}  memory {GpuLines.Memory(host.MemoryUsedBytes, host.MemoryTotalBytes)}  disk {Rate(host.DiskReadPerSecond)} in, {Rate(host.DiskWritePerSecond)} out" +
            $"  network {Rate(host.NetworkReceivePerSecond)} in, {Rate(host.NetworkSendPerSecond)} out", Colour(GpuLines.OfUse(host.CpuPercent)));
        foreach (var gpu in machine.Gpus)
        {
            if (gpu.Trouble is { } trouble)
            {
                yield return ($"gpu {gpu.Index}  {trouble}", Color.Red);
                continue;
            }

            yield return ($"gpu {gpu.Index}  {gpu.Name ?? "N/A"}  {Clock(gpu)}", Color.Default);
            yield return ($"       busy {GpuLines.Percent(gpu.GpuPercent)} (any kernel ran)  memory read or written {GpuLines.Percent(gpu.MemoryControllerPercent)}", Colour(GpuLines.OfUse(gpu.GpuPercent)));
            yield return ($"       memory {GpuLines.Memory(gpu.MemoryUsedBytes, gpu.MemoryTotalBytes)} ({GpuLines.Percent(gpu.MemoryPercent)})", Colour(GpuLines.OfMemory(gpu.MemoryPercent)));
            yield return ($"       {GpuLines.Number(gpu.PowerWatts, "W")} of {GpuLines.Number(gpu.PowerLimitWatts, "W")}  {GpuLines.Number(gpu.TemperatureCelsius, "°C")} (slows down at {GpuLines.Number(gpu.SlowdownCelsius, "°C")})" +
                $"  {(gpu.Throttling is null ? "throttling N/A" : gpu.Throttling.Count == 0 ? "not slowed" : $"slowed by {string.Join(", ", gpu.Throttling)}")}",
                gpu.Throttling?.Count > 0 ? Color.Red : Color.Default);
            foreach (var process in (gpu.Processes ?? []).Take(ProcessesShown))
            {
                yield return ($"       process {process.Pid}  {(process.MemoryBytes is { } bytes ? Readable.Bytes(bytes) : "N/A")}  {Command(process.Pid)}", Color.Default);
            }
        }
    }

    private static string Clock(GpuReading gpu) => $"{GpuLines.Number(gpu.SmClockMhz, "MHz")} of {GpuLines.Number(gpu.SmClockMaxMhz, "MHz")}, memory {GpuLines.Number(gpu.MemoryClockMhz, "MHz")}";

    private static string Rate(double? value) => value is { } bytes ? $"{Readable.Bytes(bytes)}/s" : "N/A";

    // nvitop's colours.
    private static Color Colour(Load? load) => load switch
    {
        Load.Light => Color.Green,
        Load.Moderate => Color.Yellow,
        Load.Heavy => Color.Red,
        _ => Color.Default,
    };

    // The program alone: arguments may hold what is nobody's business.
    private static string Command(int pid)
    {
        try
        {
            return File.ReadAllText($"/proc/{pid}/comm").Trim();
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return "N/A";
        }
    }
}
