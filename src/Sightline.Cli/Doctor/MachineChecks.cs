using System.ComponentModel;
using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;
using Sightline.Compute.Monitoring;
using Sightline.Data;
using Sightline.Data.Store;
using Sightline.Native;
using TorchSharp;

namespace Sightline.Cli.Doctor;

/// <summary>Looks at this machine. No check throws.</summary>
internal static class MachineChecks
{
    /// <param name="runs">Where runs would be written.</param>
    public static IReadOnlyList<Check> Run(string runs)
    {
        var folder = Path.GetFullPath(runs);
        using var gpus = new NvmlMonitor();
        return
        [
            OperatingSystemCheck(),
            RuntimeCheck(),
            SdkCheck(),
            LibTorchCheck(),
            ProcessorCheck(),
            .. GpuChecks.Of(gpus, gpus.Absence is null ? GpuChecks.Usable() : 0),
            MemoryChecks.Memory(),
            MemoryChecks.Allocator(OperatingSystem.IsLinux(), Environment.GetEnvironmentVariable("SIGHTLINE_MALLOC"), MemoryChecks.Maps()),
            DiskChecks.Folder("runs folder", folder, "--runs"),
            DiskChecks.Folder("data folder", Path.GetFullPath(DatasetStore.DefaultFolder), DatasetStore.FolderVariable),
            DiskChecks.Folder("cache folder", NativeRuntime.CacheFolder, "SIGHTLINE_CACHE"),
            .. DiskChecks.Speed(folder) is { } speed ? (Check[])[speed] : [],
            DataCheck(),
        ];
    }

    private static Check OperatingSystemCheck()
    {
        var seen = $"{RuntimeInformation.OSDescription}, {RuntimeInformation.OSArchitecture}";
        var isKnown = RuntimeInformation.RuntimeIdentifier is var rid
            && (rid.StartsWith("linux-x64", StringComparison.Ordinal) || rid.StartsWith("win", StringComparison.Ordinal) || rid == "osx-arm64"
                || (OperatingSystem.IsLinux() && RuntimeInformation.ProcessArchitecture == Architecture.X64));
        return isKnown
            ? new Check("system", CheckStatus.Good, seen)
            : new Check("system", CheckStatus.Bad, seen, "LibTorch's packages exist for Linux x64, Windows x64 and macOS on Apple silicon; use one of these.");
    }

    private static Check RuntimeCheck() => new(".NET runtime", CheckStatus.Good, RuntimeInformation.FrameworkDescription);

    private static Check SdkCheck()
    {
        var found = Capture("dotnet", "--list-sdks")?.Split('\n').Select(line => line.Split(' ')[0]).Where(version => version.Length > 0).ToList() ?? [];
        return found.Any(version => version.StartsWith("10.0.", StringComparison.Ordinal))
            ? new Check(".NET SDK", CheckStatus.Good, string.Join(", ", found))
            : new Check(".NET SDK", CheckStatus.Doubtful, found.Count == 0 ? "none found" : string.Join(", ", found),
                "Needed only to build Sightline itself: install the .NET 10 SDK from https://dotnet.microsoft.com/download/dotnet/10.0.");
    }

    private static Check LibTorchCheck()
    {
        try
        {
            NativeRuntime.EnsureLoaded();
            using var scope = torch.NewDisposeScope();
            var sum = torch.nn.functional.conv2d(torch.ones(1, 3, 8, 8), torch.ones(4, 3, 3, 3)).sum().item<float>();
            return sum == 27 * 4 * 36
                ? new Check("LibTorch", CheckStatus.Good, $"{torch.__version__}, {torch.get_num_threads()} threads; a convolution gives the right sum")
                : new Check("LibTorch", CheckStatus.Bad, $"a convolution gave {sum} where {27 * 4 * 36} is right", "Reinstall the package; report the processor's name if it stays.");
        }
#pragma warning disable CA1031 // Whatever is wrong with the natives is the finding.
        catch (Exception error)
#pragma warning restore CA1031
        {
            return new Check("LibTorch", CheckStatus.Bad, error.Message, "Mend what the message names, then run 'sightline doctor' again.");
        }
    }

    private static Check ProcessorCheck()
    {
        var cores = Environment.ProcessorCount;
        if (RuntimeInformation.ProcessArchitecture != Architecture.X64)
        {
            return new Check("processor", CheckStatus.Good, $"{RuntimeInformation.ProcessArchitecture}, {cores} usable");
        }

        var features = new (string Name, bool Has)[]
        {
            ("AVX2", Avx2.IsSupported), ("FMA", Fma.IsSupported), ("AVX-512", Avx512F.IsSupported), ("AVX-VNNI", AvxVnni.IsSupported),
        };
        var seen = $"{cores} usable; {string.Join(", ", features.Where(feature => feature.Has).Select(feature => feature.Name).DefaultIfEmpty("none of AVX2, FMA, AVX-512"))}";
        return Avx2.IsSupported
            ? new Check("processor", CheckStatus.Good, seen)
            : new Check("processor", CheckStatus.Doubtful, seen, "Training works but is several times slower than with AVX2.");
    }

    private static Check DataCheck()
    {
        var options = new FashionMnistOptions();
        var folder = new[] { options.PackageFolder, options.UserFolder }.FirstOrDefault(Directory.Exists);
        return folder is not null
            ? new Check("Fashion-MNIST", CheckStatus.Good, folder)
            : new Check("Fashion-MNIST", CheckStatus.Doubtful, "not on this machine", "'sightline quickstart' fetches it; on Debian 'apt-get install dataset-fashion-mnist' brings it too.");
    }

    private static string? Capture(string program, string argument)
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo(program, argument) { RedirectStandardOutput = true, RedirectStandardError = true });
            var output = process?.StandardOutput.ReadToEnd();
            process?.WaitForExit();
            return process?.ExitCode == 0 ? output : null;
        }
        catch (Win32Exception)
        {
            return null;
        }
    }
}
