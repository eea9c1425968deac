using Sightline.Compute.Monitoring;
using Xunit;

namespace Sightline.Compute.Tests.Monitoring;

/// <summary>Files as the kernel writes them (man 5 proc; kernel: Documentation/admin-guide/iostats.rst).</summary>
public sealed class HostMonitorTests : IDisposable
{
    private readonly string _proc = Directory.CreateTempSubdirectory("sightline-test-").FullName;
    private readonly Clock _clock = new();

    public void Dispose() => Directory.Delete(_proc, recursive: true);

    [Fact]
    public void Rates_are_differences_over_the_time_between()
    {
        Directory.CreateDirectory(Path.Combine(_proc, "net"));
        Write(cpu: "cpu  100 0 50 800 50 0 0 0 0 0", read: 1000, written: 2000, received: 10_000, sent: 5000);
        var monitor = new HostMonitor(_clock, _proc);

        var first = monitor.Read();
        _clock.Seconds += 2;
        Write(cpu: "cpu  160 0 90 850 50 0 0 0 0 0", read: 1200, written: 2100, received: 14_000, sent: 6000);
        var second = monitor.Read();

        Assert.Equal((null, null, null), (first.CpuPercent, first.DiskReadPerSecond, first.NetworkSendPerSecond));
        Assert.Equal(100.0 * 100 / 150, second.CpuPercent!.Value, 1e-9); // 100 of 150 ticks were neither idle nor waiting.
        Assert.Equal((200 * 512 / 2.0, 100 * 512 / 2.0), (second.DiskReadPerSecond, second.DiskWritePerSecond));
        Assert.Equal((2000.0, 500.0), (second.NetworkReceivePerSecond, second.NetworkSendPerSecond));
        Assert.Equal((6_000_000 * 1024.0, 8_000_000 * 1024.0), (second.MemoryUsedBytes, second.MemoryTotalBytes));
    }

    [Fact]
    public void A_system_without_proc_tells_nothing() =>
        Assert.Equal(new HostReading(), new HostMonitor(_clock, Path.Combine(_proc, "nothing")).Read());

    [Fact]
    public void This_machine_is_read()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Reads /proc.");

        var reading = new HostMonitor(TimeProvider.System).Read();

        Assert.InRange(reading.MemoryUsedBytes!.Value, 1, reading.MemoryTotalBytes!.Value);
    }

    private void Write(string cpu, long read, long written, long received, long sent)
    {
        File.WriteAllText(Path.Combine(_proc, "stat"), $"{cpu}\ncpu0 1 2 3 4 5 6 7 8 9 10\nctxt 1\n");
        File.WriteAllText(Path.Combine(_proc, "meminfo"), "MemTotal:        8000000 kB\nMemFree:          100000 kB\nMemAvailable:    2000000 kB\n");
        File.WriteAllText(Path.Combine(_proc, "diskstats"),
            $"   8       0 sda 10 0 {read} 5 10 0 {written} 5 0 10 10 0 0 0 0 0 0\n   8       1 sda1 10 0 99999 5 10 0 99999 5 0 10 10 0 0 0 0 0 0\n   7       0 loop0 1 0 77777 5 1 0 77777 5 0 1 1 0 0 0 0 0 0\n");
        File.WriteAllText(Path.Combine(_proc, "net", "dev"),
            "Inter-|   Receive                                                |  Transmit\n face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed\n" +
            $"    lo: 999999 1 0 0 0 0 0 0 999999 1 0 0 0 0 0 0\n  eth0: {received} 1 0 0 0 0 0 0 {sent} 1 0 0 0 0 0 0\n");
    }

    private sealed class Clock : TimeProvider
    {
        public long Seconds { get; set; }

        public override long TimestampFrequency => 1;

        public override long GetTimestamp() => Seconds;
    }
}
