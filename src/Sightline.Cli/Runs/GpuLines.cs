using Sightline.Cli.Output;
using Sightline.Compute.Monitoring;

namespace Sightline.Cli.Runs;

/// <summary>How heavily something is used; nvitop's words.</summary>
internal enum Load
{
    /// <summary>Hardly.</summary>
    Light,

    /// <summary>Partly.</summary>
    Moderate,

    /// <summary>Mostly.</summary>
    Heavy,
}

/// <summary>A GPU as text. A figure that is not told is "N/A".</summary>
internal static class GpuLines
{
    /// <summary>Of kernels: light below 10 %, heavy from 75 % (nvitop's thresholds, XuehaiPan/nvitop: nvitop/tui/library/device.py).</summary>
    public static Load? OfUse(double? percent) => Of(percent, 10, 75);

    /// <summary>Of memory: light below 10 %, heavy from 80 %.</summary>
    public static Load? OfMemory(double? percent) => Of(percent, 10, 80);

    /// <summary>A sample in one line.</summary>
    public static string Of(GpuSample gpu) => gpu.Trouble ??
        $"{gpu.Name ?? "N/A"}  {Percent(gpu.GpuPercent?.Mean)} busy  memory {Memory(gpu.MemoryUsedBytes?.Mean, gpu.MemoryTotalBytes)}  {Number(gpu.PowerWatts?.Mean, "W")}  {Number(gpu.TemperatureCelsius?.Mean, "°C")}" +
        (gpu.Throttling.Count > 0 ? $"  slowed by {string.Join(", ", gpu.Throttling)}" : "");

    /// <summary>Used of total.</summary>
    public static string Memory(double? used, double? total) => used is { } bytes && total is { } all ? $"{Readable.Bytes(bytes)} of {Readable.Bytes(all)}" : "N/A";

    /// <summary>A percentage.</summary>
    public static string Percent(double? value) => Number(value, "%");

    /// <summary>A number with its unit.</summary>
    public static string Number(double? value, string unit) => value is { } number ? $"{number:0} {unit}" : "N/A";

    private static Load? Of(double? percent, double moderate, double heavy) => percent switch
    {
        null => null,
        { } value when value < moderate => Load.Light,
        { } value when value < heavy => Load.Moderate,
        _ => Load.Heavy,
    };
}
