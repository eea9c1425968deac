using System.Globalization;

namespace Sightline.Compute.Monitoring;

/// <summary>The machine at one moment; rates are since the reading before. null where the system does not tell.</summary>
internal sealed record HostReading
{
    /// <summary>Busy share of all processors, percent; null in the first reading.</summary>
    public double? CpuPercent { get; init; }

    /// <summary>Memory that programs use, bytes: all but what is available.</summary>
    public double? MemoryUsedBytes { get; init; }

    /// <summary>Memory in all, bytes.</summary>
    public double? MemoryTotalBytes { get; init; }

    /// <summary>Read from disks, bytes per second.</summary>
    public double? DiskReadPerSecond { get; init; }

    /// <summary>Written to disks, bytes per second.</summary>
    public double? DiskWritePerSecond { get; init; }

    /// <summary>Received from the network, bytes per second.</summary>
    public double? NetworkReceivePerSecond { get; init; }

    /// <summary>Sent to the network, bytes per second.</summary>
    public double? NetworkSendPerSecond { get; init; }
}

/// <summary>Reads the machine from <c>/proc</c> (man 5 proc); elsewhere all is null.</summary>
/// <param name="time">For the rates.</param>
/// <param name="proc">Where proc is mounted.</param>
internal sealed class HostMonitor(TimeProvider time, string proc = "/proc")
{
    private const int SectorBytes = 512; // Of /proc/diskstats, whatever the disk's own are (kernel: Documentation/admin-guide/iostats.rst).

    private Counters? _before;

    /// <summary>The machine now.</summary>
    public HostReading Read()
    {
        var now = Count();
        var (before, seconds) = (_before, _before is null ? 0 : time.GetElapsedTime(_before.Taken, now.Taken).TotalSeconds);
        _before = now;
        var memory = Memory();
        double? Rate(double? after, double? earlier) => seconds > 0 && after >= earlier ? (after - earlier) / seconds : null;
        return new HostReading
        {
            CpuPercent = now.CpuTotal - before?.CpuTotal is > 0 and var total ? 100 * (now.CpuBusy - before?.CpuBusy) / total : null,
            MemoryUsedBytes = memory?.Used,
            MemoryTotalBytes = memory?.Total,
            DiskReadPerSecond = Rate(now.DiskRead, before?.DiskRead),
            DiskWritePerSecond = Rate(now.DiskWrite, before?.DiskWrite),
            NetworkReceivePerSecond = Rate(now.Received, before?.Received),
            NetworkSendPerSecond = Rate(now.Sent, before?.Sent),
        };
    }

    private Counters Count()
    {
        var cpu = Lines("stat").Select(Fields).FirstOrDefault(fields => fields[0] == "cpu")?[1..].Select(Number).ToList();
        // user nice system idle iowait irq softirq steal; guest time is within user's.
        var total = cpu?.Take(8).Sum();
        var disks = Lines("diskstats").Select(Fields).Where(fields => fields.Length > 9 && IsDisk(fields[2])).ToList();
        var cards = Lines("net/dev").Select(line => line.Split(':', 2)).Where(parts => parts.Length == 2 && parts[0].Trim() != "lo")
            .Select(parts => Fields(parts[1])).Where(fields => fields.Length > 8).ToList();
        return new Counters(
            time.GetTimestamp(),
            total - cpu?[3] - cpu?[4],
            total,
            Sum(disks, 5) * SectorBytes,
            Sum(disks, 9) * SectorBytes,
            Sum(cards, 0),
            Sum(cards, 8));
    }

    // Partitions and stacked devices would count the same bytes again.
    private static bool IsDisk(string name) => name.StartsWith("nvme", StringComparison.Ordinal) ? !name.Contains('p', StringComparison.Ordinal)
        : (name.StartsWith("sd", StringComparison.Ordinal) || name.StartsWith("vd", StringComparison.Ordinal) || name.StartsWith("xvd", StringComparison.Ordinal)) && !char.IsDigit(name[^1]);

    private (double Used, double Total)? Memory()
    {
        var values = Lines("meminfo").Select(Fields).Where(fields => fields.Length > 1).ToDictionary(fields => fields[0], fields => Number(fields[1]) * 1024);
        return values.TryGetValue("MemTotal:", out var total) && values.TryGetValue("MemAvailable:", out var available) ? (total - available, total) : null;
    }

    private string[] Lines(string file)
    {
        try
        {
            return File.ReadAllLines(Path.Combine(proc, file));
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }

    private static double? Sum(List<string[]> rows, int field) => rows.Count == 0 ? null : rows.Sum(row => Number(row[field]));

    private static string[] Fields(string line) => line.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);

    private static double Number(string text) => double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var value) ? value : 0;

    private sealed record Counters(long Taken, double? CpuBusy, double? CpuTotal, double? DiskRead, double? DiskWrite, double? Received, double? Sent);
}
