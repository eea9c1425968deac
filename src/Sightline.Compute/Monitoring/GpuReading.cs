namespace Sightline.Compute.Monitoring;

/// <summary>A process on a GPU.</summary>
/// <param name="Pid">Process id on this machine.</param>
/// <param name="MemoryBytes">Its memory on the GPU; null where the driver does not say.</param>
internal sealed record GpuProcess(int Pid, double? MemoryBytes);

/// <summary>One GPU at one moment. null says that the driver or the GPU does not give the figure ("N/A"), which is no error.</summary>
internal sealed record GpuReading
{
    /// <summary>The driver's number.</summary>
    public required int Index { get; init; }

    /// <summary>The driver's name.</summary>
    public string? Name { get; init; }

    /// <summary>Unique over all GPUs.</summary>
    public string? Uuid { get; init; }

    /// <summary>Share of the time in which any kernel ran, percent; one busy multiprocessor reads 100.</summary>
    public double? GpuPercent { get; init; }

    /// <summary>Share of the time in which memory was read or written, percent; not how full it is.</summary>
    public double? MemoryControllerPercent { get; init; }

    /// <summary>Memory in use, bytes.</summary>
    public double? MemoryUsedBytes { get; init; }

    /// <summary>Memory in all, bytes.</summary>
    public double? MemoryTotalBytes { get; init; }

    /// <summary>Power drawn, W.</summary>
    public double? PowerWatts { get; init; }

    /// <summary>Power limit in force, W.</summary>
    public double? PowerLimitWatts { get; init; }

    /// <summary>Temperature of the chip, degrees Celsius.</summary>
    public double? TemperatureCelsius { get; init; }

    /// <summary>Temperature at which the GPU slows itself down, degrees Celsius.</summary>
    public double? SlowdownCelsius { get; init; }

    /// <summary>Clock of the multiprocessors, MHz.</summary>
    public double? SmClockMhz { get; init; }

    /// <summary>Highest clock of the multiprocessors, MHz.</summary>
    public double? SmClockMaxMhz { get; init; }

    /// <summary>Clock of the memory, MHz.</summary>
    public double? MemoryClockMhz { get; init; }

    /// <summary>Energy since the driver was loaded, J.</summary>
    public double? EnergyJoules { get; init; }

    /// <summary>Why the clocks are lower than they could be, in words; empty when they are not; null where it is not told.</summary>
    public IReadOnlyList<string>? Throttling { get; init; }

    /// <summary>Processes that compute; null where they are not told.</summary>
    public IReadOnlyList<GpuProcess>? Processes { get; init; }

    /// <summary>Why nothing can be read of this GPU, such as a GPU that fell off the bus; null where something can.</summary>
    public string? Trouble { get; init; }

    /// <summary>Memory in use, percent of all; null where it is not known.</summary>
    public double? MemoryPercent => MemoryUsedBytes / MemoryTotalBytes * 100;
}

/// <summary>Reads the GPUs of this machine.</summary>
internal interface IGpuMonitor : IDisposable
{
    /// <summary>Why there are no GPUs to read, in plain words; null when there are some.</summary>
    string? Absence { get; }

    /// <summary>Version of the driver; null where there is none.</summary>
    string? Driver { get; }

    /// <summary>All GPUs now; empty where there are none. Never throws because of a GPU.</summary>
    IReadOnlyList<GpuReading> Read();
}
