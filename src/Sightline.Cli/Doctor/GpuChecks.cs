using Sightline.Cli.Output;
using Sightline.Compute.Monitoring;
using Sightline.Native;
using TorchSharp;

namespace Sightline.Cli.Doctor;

/// <summary>GPUs and their driver. A machine without a GPU is healthy.</summary>
internal static class GpuChecks
{
    private const string NvidiaVendor = "0x10de";
    private const string DisplayClass = "0x03"; // PCI base class 03: display controllers, 3D ones among them.

    /// <param name="gpus">What the driver says.</param>
    /// <param name="usable">CUDA devices that LibTorch finds; null where LibTorch does not load.</param>
    /// <param name="devices">Where the system lists PCI devices.</param>
    public static IReadOnlyList<Check> Of(IGpuMonitor gpus, int? usable, string devices = "/sys/bus/pci/devices")
    {
        if (gpus.Absence is { } why)
        {
            return CardsWithoutDriver(devices) is > 0 and var cards
                ? [new Check("GPU driver", CheckStatus.Doubtful, $"{cards} NVIDIA card(s) in the machine, but {why}", "Install NVIDIA's driver for the card, or load it ('modprobe nvidia'), and restart; 'nvidia-smi' must list the card. In a container, pass the GPU in ('--gpus all').")]
                : why.StartsWith("no NVIDIA driver", StringComparison.Ordinal)
                    ? [new Check("GPU", CheckStatus.Good, $"none ({why}); trainings use the processor")]
                    : [new Check("GPU driver", CheckStatus.Doubtful, why, "Mend what is said, then check with 'nvidia-smi'; until then trainings use the processor.")];
        }

        var readings = gpus.Read();
        return
        [
            new Check("GPU driver", CheckStatus.Good, $"NVIDIA {gpus.Driver ?? "of an unknown version"}"),
            .. readings.Select(Card),
            Use(readings.Count, usable),
        ];
    }

    /// <summary>CUDA devices that LibTorch finds; null where it does not load.</summary>
    public static int? Usable()
    {
        try
        {
            NativeRuntime.EnsureLoaded();
            return torch.cuda.is_available() ? torch.cuda.device_count() : 0;
        }
#pragma warning disable CA1031 // The check of LibTorch reports the cause.
        catch (Exception)
#pragma warning restore CA1031
        {
            return null;
        }
    }

    private static Check Card(GpuReading gpu) => gpu.Trouble is { } trouble
        ? new Check($"GPU {gpu.Index}", CheckStatus.Doubtful, trouble, "Look at 'dmesg' for Xid errors; restart the machine, or give it back if it is rented.")
        : new Check($"GPU {gpu.Index}", CheckStatus.Good, $"{gpu.Name ?? "name not told"}, {(gpu.MemoryTotalBytes is { } bytes ? Readable.Bytes(bytes) : "memory not told")}");

    private static Check Use(int seen, int? usable) => usable switch
    {
        null => new Check("GPU use", CheckStatus.Doubtful, "not looked for, because LibTorch does not load"),
        0 => new Check("GPU use", CheckStatus.Doubtful, $"LibTorch uses none of {seen}: this build of it is for the processor, or too new for the driver", "Build with '-p:TorchBackend=cuda'; where that is done, update the driver."),
        { } count when count < seen => new Check("GPU use", CheckStatus.Doubtful, $"LibTorch uses {count} of {seen}", "The others are hidden (CUDA_VISIBLE_DEVICES) or in trouble."),
        { } count => new Check("GPU use", CheckStatus.Good, $"LibTorch uses {count} of {seen}"),
    };

    private static int CardsWithoutDriver(string devices)
    {
        try
        {
            return Directory.Exists(devices) ? Directory.EnumerateDirectories(devices).Count(device => Starts(device, "vendor", NvidiaVendor) && Starts(device, "class", DisplayClass)) : 0;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return 0;
        }
    }

    private static bool Starts(string device, string file, string text) =>
        File.Exists(Path.Combine(device, file)) && File.ReadAllText(Path.Combine(device, file)).StartsWith(text, StringComparison.Ordinal);
}
