using System.Globalization;

namespace Sightline.App.Tests.Studio;

/// <summary>Lines of <c>system.jsonl</c> as a training on an NVIDIA card writes them; figures that a card does not tell are left out.</summary>
internal static class NvmlSamples
{
    public static string Line(DateTimeOffset at, string? gpu) => string.Create(CultureInfo.InvariantCulture,
        $$"""{"at":"{{at:O}}","seconds":5,"cpuPercent":{"mean":41.5,"max":60},"memoryUsedBytes":{"mean":8589934592,"max":8589934592},"memoryTotalBytes":34359738368,"diskReadPerSecond":{"mean":1048576,"max":2097152},"diskWritePerSecond":{"mean":0,"max":0},"networkReceivePerSecond":{"mean":2048,"max":4096},"networkSendPerSecond":{"mean":1024,"max":2048},"gpus":[{{gpu}}]}""");

    public static string Gpu(int index, string name, double busyPercent, double usedGib, double totalGib) => string.Create(CultureInfo.InvariantCulture,
        $$"""{"index":{{index}},"name":"{{name}}","gpuPercent":{"mean":{{busyPercent}},"max":{{busyPercent + 5}}},"memoryControllerPercent":{"mean":30,"max":45},"memoryUsedBytes":{"mean":{{usedGib * (1L << 30)}},"max":{{usedGib * (1L << 30)}}},"memoryTotalBytes":{{totalGib * (1L << 30)}},"powerWatts":{"mean":212,"max":240},"temperatureCelsius":{"mean":56,"max":57},"slowdownCelsius":92,"throttling":["power limit"]}""");
}
