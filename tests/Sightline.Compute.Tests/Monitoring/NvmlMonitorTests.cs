using Sightline.Compute.Monitoring;
using Xunit;

namespace Sightline.Compute.Tests.Monitoring;

public sealed class NvmlMonitorTests(FakeNvml fake) : IClassFixture<FakeNvml>
{
    [Fact]
    public void A_gpu_that_tells_everything_is_read_in_full()
    {
        using var monitor = new NvmlMonitor(fake.Library);

        var gpu = monitor.Read()[0];

        Assert.Null(monitor.Absence);
        Assert.Equal("550.54.15", monitor.Driver);
        Assert.Equal(("NVIDIA A100-SXM4-80GB", "GPU-0", null), (gpu.Name, gpu.Uuid, gpu.Trouble));
        Assert.Equal((93.0, 41.0), (gpu.GpuPercent, gpu.MemoryControllerPercent));
        Assert.Equal((20.0 * (1L << 30), 80.0 * (1L << 30), 25.0), (gpu.MemoryUsedBytes, gpu.MemoryTotalBytes, gpu.MemoryPercent));
        Assert.Equal((287.5, 400.0), (gpu.PowerWatts, gpu.PowerLimitWatts));
        Assert.Equal((71.0, 89.0), (gpu.TemperatureCelsius, gpu.SlowdownCelsius));
        Assert.Equal((1395.0, 1410.0, 1593.0), (gpu.SmClockMhz, gpu.SmClockMaxMhz, gpu.MemoryClockMhz));
        Assert.Equal(123_456_789.012, gpu.EnergyJoules);
        Assert.Equal(["power limit", "heat (by the hardware)"], gpu.Throttling); // An idle clock is no throttling.
        Assert.Equal([new GpuProcess(4242, 1_048_576_000), new GpuProcess(4343, null)], gpu.Processes);
    }

    [Fact]
    public void What_a_gpu_does_not_tell_is_not_there_and_no_error()
    {
        using var monitor = new NvmlMonitor(fake.Library);

        var gpu = monitor.Read()[1];

        Assert.Equal(7, gpu.GpuPercent);
        Assert.Equal(new GpuReading { Index = 1, Name = "NVIDIA GB10", Uuid = "GPU-1", GpuPercent = 7, MemoryControllerPercent = 0 }, gpu);
    }

    [Fact]
    public void A_lost_gpu_is_told_and_the_others_are_read()
    {
        using var monitor = new NvmlMonitor(fake.Library);

        monitor.Read();
        var gpus = monitor.Read();

        Assert.StartsWith("the GPU is lost", gpus[2].Trouble);
        Assert.Equal([93.0, 7.0, null], gpus.Select(gpu => gpu.GpuPercent));
    }

    [Fact]
    public void A_machine_without_a_driver_has_no_gpu_and_no_error()
    {
        using var monitor = new NvmlMonitor(fake.At("nothing.so"));

        Assert.StartsWith("no NVIDIA driver: ", monitor.Absence);
        Assert.Empty(monitor.Read());
    }

    [Fact]
    public void Another_library_is_refused()
    {
        _ = fake.Library;
        using var monitor = new NvmlMonitor(fake.Other);

        Assert.Contains("is no NVML library", monitor.Absence);
        Assert.Empty(monitor.Read());
    }

    [Fact]
    public void Reasons_for_lower_clocks_have_words() => Assert.Equal(
        ["power limit", "hardware slowdown", "sync boost", "heat (by the driver)", "heat (by the hardware)", "power brake", "display clock"], NvmlMonitor.Words(0x1FF));
}
