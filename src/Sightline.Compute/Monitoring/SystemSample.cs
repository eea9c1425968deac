namespace Sightline.Compute.Monitoring;

/// <summary>Mean and highest of a figure over a few seconds.</summary>
/// <param name="Mean">Mean of the readings.</param>
/// <param name="Max">Highest of them.</param>
internal readonly record struct Figure(double Mean, double Max);

/// <summary>A GPU over a few seconds; null where it does not give the figure.</summary>
internal sealed record GpuSample
{
    /// <summary>The driver's number.</summary>
    public required int Index { get; init; }

    /// <summary>The driver's name.</summary>
    public string? Name { get; init; }

    /// <summary>Share of the time in which any kernel ran, percent.</summary>
    public Figure? GpuPercent { get; init; }

    /// <summary>Share of the time in which memory was read or written, percent.</summary>
    public Figure? MemoryControllerPercent { get; init; }

    /// <summary>Memory in use, bytes.</summary>
    public Figure? MemoryUsedBytes { get; init; }

    /// <summary>Memory in all, bytes.</summary>
    public double? MemoryTotalBytes { get; init; }

    /// <summary>Power, W.</summary>
    public Figure? PowerWatts { get; init; }

    /// <summary>Temperature, degrees Celsius.</summary>
    public Figure? TemperatureCelsius { get; init; }

    /// <summary>Temperature at which the GPU slows itself down, degrees Celsius.</summary>
    public double? SlowdownCelsius { get; init; }

    /// <summary>Clock of the multiprocessors, MHz.</summary>
    public Figure? SmClockMhz { get; init; }

    /// <summary>All reasons for lower clocks that were seen, in words.</summary>
    public IReadOnlyList<string> Throttling { get; init; } = [];

    /// <summary>Why nothing can be read.</summary>
    public string? Trouble { get; init; }
}

/// <summary>One line of <c>system.jsonl</c>: host and GPUs over some seconds.</summary>
internal sealed record SystemSample
{
    /// <summary>End of the time, UTC.</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>Length of the time, seconds.</summary>
    public required double Seconds { get; init; }

    /// <summary>Busy share of all processors, percent.</summary>
    public Figure? CpuPercent { get; init; }

    /// <summary>Memory in use, bytes.</summary>
    public Figure? MemoryUsedBytes { get; init; }

    /// <summary>Memory in all, bytes.</summary>
    public double? MemoryTotalBytes { get; init; }

    /// <summary>Read from disks, bytes per second.</summary>
    public Figure? DiskReadPerSecond { get; init; }

    /// <summary>Written to disks, bytes per second.</summary>
    public Figure? DiskWritePerSecond { get; init; }

    /// <summary>Received, bytes per second.</summary>
    public Figure? NetworkReceivePerSecond { get; init; }

    /// <summary>Sent, bytes per second.</summary>
    public Figure? NetworkSendPerSecond { get; init; }

    /// <summary>The GPUs, by number.</summary>
    public IReadOnlyList<GpuSample> Gpus { get; init; } = [];

    /// <summary>The sample of some readings.</summary>
    /// <param name="readings">At least one, oldest first.</param>
    /// <param name="at">End of the time.</param>
    /// <param name="seconds">Length of the time.</param>
    public static SystemSample Of(IReadOnlyList<(HostReading Host, IReadOnlyList<GpuReading> Gpus)> readings, DateTimeOffset at, double seconds)
    {
        Figure? Host(Func<HostReading, double?> figure) => Over(readings.Select(reading => figure(reading.Host)));
        return new SystemSample
        {
            At = at,
            Seconds = Math.Round(seconds, 2),
            CpuPercent = Host(host => host.CpuPercent),
            MemoryUsedBytes = Host(host => host.MemoryUsedBytes),
            MemoryTotalBytes = readings[^1].Host.MemoryTotalBytes,
            DiskReadPerSecond = Host(host => host.DiskReadPerSecond),
            DiskWritePerSecond = Host(host => host.DiskWritePerSecond),
            NetworkReceivePerSecond = Host(host => host.NetworkReceivePerSecond),
            NetworkSendPerSecond = Host(host => host.NetworkSendPerSecond),
            Gpus = [.. readings.SelectMany(reading => reading.Gpus).GroupBy(gpu => gpu.Index).OrderBy(group => group.Key).Select(group => Of([.. group]))],
        };
    }

    private static GpuSample Of(IReadOnlyList<GpuReading> readings)
    {
        Figure? Of(Func<GpuReading, double?> figure) => Over(readings.Select(figure));
        var last = readings[^1];
        return new GpuSample
        {
            Index = last.Index,
            Name = last.Name,
            GpuPercent = Of(gpu => gpu.GpuPercent),
            MemoryControllerPercent = Of(gpu => gpu.MemoryControllerPercent),
            MemoryUsedBytes = Of(gpu => gpu.MemoryUsedBytes),
            MemoryTotalBytes = last.MemoryTotalBytes,
            PowerWatts = Of(gpu => gpu.PowerWatts),
            TemperatureCelsius = Of(gpu => gpu.TemperatureCelsius),
            SlowdownCelsius = last.SlowdownCelsius,
            SmClockMhz = Of(gpu => gpu.SmClockMhz),
            Throttling = [.. readings.SelectMany(reading => reading.Throttling ?? []).Distinct()],
            Trouble = last.Trouble,
        };
    }

    // A figure that is missing at times is judged by the times that it is there.
    private static Figure? Over(IEnumerable<double?> figures)
    {
        var there = figures.OfType<double>().ToList();
        return there.Count == 0 ? null : new Figure(Math.Round(there.Average(), 2), Math.Round(there.Max(), 2));
    }
}
