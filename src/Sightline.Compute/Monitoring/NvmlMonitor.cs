namespace Sightline.Compute.Monitoring;

/// <summary>Reads NVIDIA GPUs by NVML. A machine without them is a machine without GPUs, not an error.</summary>
internal sealed class NvmlMonitor : IGpuMonitor
{
    private const string PathVariable = "SIGHTLINE_NVML";
    private const int SmClock = 1; // NVML_CLOCK_SM
    private const int MemoryClock = 2; // NVML_CLOCK_MEM
    private const int ChipSensor = 0; // NVML_TEMPERATURE_GPU
    private const int SlowdownThreshold = 1; // NVML_TEMPERATURE_THRESHOLD_SLOWDOWN

    // nvmlClocksThrottleReason...; 1 is an idle GPU and 2 the clocks that somebody set, which are no throttling.
    private static readonly (ulong Bit, string Words)[] Reasons =
    [
        (0x4, "power limit"),
        (0x8, "hardware slowdown"),
        (0x10, "sync boost"),
        (0x20, "heat (by the driver)"),
        (0x40, "heat (by the hardware)"),
        (0x80, "power brake"),
        (0x100, "display clock"),
    ];

    private readonly NvmlLibrary? _library;
    private readonly nint[] _devices = [];
    private readonly string?[] _troubles = [];

    /// <summary>Looks for the driver.</summary>
    /// <param name="path">The library's file; null takes the variable SIGHTLINE_NVML, or else looks where drivers put it.</param>
    public NvmlMonitor(string? path = null)
    {
        _library = NvmlLibrary.Open(path ?? Environment.GetEnvironmentVariable(PathVariable), out var why);
        Absence = why;
        if (_library is null)
        {
            return;
        }

        Driver = _library.Driver;
        var count = _library.Count;
        Absence = count == 0 ? "the NVIDIA driver sees no GPU" : null;
        _devices = new nint[count];
        _troubles = new string?[count];
        for (var i = 0u; i < count; i++)
        {
            _devices[i] = _library.Device(i, out var code);
            _troubles[i] = code == NvmlLibrary.Success ? null : Trouble(code);
        }
    }

    public string? Absence { get; }

    public string? Driver { get; }

    public IReadOnlyList<GpuReading> Read() => _library is null ? [] : [.. _devices.Select((device, i) => Read(_library, device, i))];

    public void Dispose() => _library?.Dispose();

    /// <summary>The throttle reasons of NVML's bits, in words.</summary>
    internal static IReadOnlyList<string> Words(ulong bits) => [.. Reasons.Where(reason => (bits & reason.Bit) != 0).Select(reason => reason.Words)];

    private GpuReading Read(NvmlLibrary library, nint device, int index)
    {
        if (_troubles[index] is { } trouble)
        {
            return new GpuReading { Index = index, Trouble = trouble };
        }

        var utilisation = library.Utilisation(device, out var code);
        if (code == NvmlLibrary.GpuIsLost)
        {
            // Each further question to a lost GPU may take seconds.
            return new GpuReading { Index = index, Trouble = _troubles[index] = Trouble(code) };
        }

        var memory = library.Memory(device);
        return new GpuReading
        {
            Index = index,
            Name = library.Text("nvmlDeviceGetName", device),
            Uuid = library.Text("nvmlDeviceGetUUID", device),
            GpuPercent = utilisation?.Gpu,
            MemoryControllerPercent = utilisation?.Memory,
            MemoryUsedBytes = memory?.Used,
            MemoryTotalBytes = memory?.Total,
            PowerWatts = library.Number("nvmlDeviceGetPowerUsage", device) / 1000,
            PowerLimitWatts = library.Number("nvmlDeviceGetEnforcedPowerLimit", device) / 1000,
            TemperatureCelsius = library.Number("nvmlDeviceGetTemperature", device, ChipSensor),
            SlowdownCelsius = library.Number("nvmlDeviceGetTemperatureThreshold", device, SlowdownThreshold),
            SmClockMhz = library.Number("nvmlDeviceGetClockInfo", device, SmClock),
            SmClockMaxMhz = library.Number("nvmlDeviceGetMaxClockInfo", device, SmClock),
            MemoryClockMhz = library.Number("nvmlDeviceGetClockInfo", device, MemoryClock),
            EnergyJoules = library.Long("nvmlDeviceGetTotalEnergyConsumption", device) / 1000.0,
            Throttling = library.Long("nvmlDeviceGetCurrentClocksThrottleReasons", device) is { } bits ? Words(bits) : null,
            Processes = library.Processes(device),
        };
    }

    private static string Trouble(int code) => code == NvmlLibrary.GpuIsLost
        ? "the GPU is lost: it fell off the bus or is broken; restart the machine, or end the lease"
        : $"the driver answers with code {code}";
}
