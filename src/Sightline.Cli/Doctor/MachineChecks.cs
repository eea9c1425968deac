using System.ComponentModel;
using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;
using Sightline.Cli.Output;
using Sightline.Data;
using Sightline.Native;
using TorchSharp;

namespace Sightline.Cli.Doctor;

/// <summary>Looks at this machine. No check throws.</summary>
internal static class MachineChecks
{
    private const long LowMemoryBytes = 4L << 30;
    private const long LowDiskBytes = 1L << 30;

    /// <param name="runs">Where runs would be written.</param>
    public static IReadOnlyList<Check> Run(string runs) =>
    [
        OperatingSystemCheck(),
        RuntimeCheck(),
        SdkCheck(),
        LibTorchCheck(),
        ProcessorCheck(),
        GraphicsCheck(),
        MemoryCheck(),
        FolderCheck("runs folder", Path.GetFullPath(runs), "--runs"),
        FolderCheck("cache folder", NativeRuntime.CacheFolder, "SIGHTLINE_CACHE"),
        DataCheck(),
    ];

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

    private static Check GraphicsCheck()
    {
        try
        {
            NativeRuntime.EnsureLoaded();
            return torch.cuda.is_available()
                ? new Check("GPU", CheckStatus.Good, $"{torch.cuda.device_count()} CUDA device(s)")
                : new Check("GPU", CheckStatus.Good, "none in use: this build of LibTorch works on the CPU, or there is no CUDA device");
        }
#pragma warning disable CA1031 // LibTorchCheck reports the cause.
        catch (Exception)
#pragma warning restore CA1031
        {
            return new Check("GPU", CheckStatus.Doubtful, "not looked for, because LibTorch does not load");
        }
    }

    private static Check MemoryCheck()
    {
        var bytes = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes;
        return bytes >= LowMemoryBytes
            ? new Check("memory", CheckStatus.Good, $"{Readable.Bytes(bytes)} usable")
            : new Check("memory", CheckStatus.Doubtful, $"{Readable.Bytes(bytes)} usable", "Use a small --batch and --size; 4 GiB and more are comfortable.");
    }

    private static Check FolderCheck(string name, string folder, string setting)
    {
        var existing = folder;
        while (!Directory.Exists(existing) && Path.GetDirectoryName(existing) is { } parent)
        {
            existing = parent;
        }

        try
        {
            var probe = Path.Combine(existing, $".sightline-{Environment.ProcessId}.tmp");
            File.WriteAllBytes(probe, [1]);
            File.Delete(probe);
            var free = new DriveInfo(existing).AvailableFreeSpace;
            return free >= LowDiskBytes
                ? new Check(name, CheckStatus.Good, $"{folder}, {Readable.Bytes(free)} free")
                : new Check(name, CheckStatus.Doubtful, $"{folder}, {Readable.Bytes(free)} free", $"A run takes up to 1 GiB: free some space, or choose another folder with {setting}.");
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return new Check(name, CheckStatus.Bad, $"{folder} cannot be written ({error.Message.TrimEnd('.')})", $"Choose another folder with {setting}.")
            {
                ExitCode = ExitCode.Unexpected,
            };
        }
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
