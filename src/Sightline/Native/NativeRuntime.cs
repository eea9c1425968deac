using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using TorchSharp;

namespace Sightline.Native;

/// <summary>Makes LibTorch usable in this process: compatible libraries, allocator settings, thread count.</summary>
/// <remarks>
/// Every entry point of the library calls <see cref="EnsureLoaded"/>; a program that uses TorchSharp before it uses
/// Sightline calls it first. It is idempotent and thread-safe.
/// Environment: <c>SIGHTLINE_MALLOC=default</c> leaves glibc's allocator as it is; <c>SIGHTLINE_CACHE</c> moves the cache folder.
/// </remarks>
public static partial class NativeRuntime
{
    private static readonly Lock Gate = new();
    private static bool _loaded;

    /// <summary>Where Sightline keeps what it can make again: <c>SIGHTLINE_CACHE</c>, else the user's cache folder.</summary>
    public static string CacheFolder
    {
        get
        {
            var chosen = Environment.GetEnvironmentVariable("SIGHTLINE_CACHE");
            if (!string.IsNullOrEmpty(chosen))
            {
                return chosen;
            }

            var xdg = Environment.GetEnvironmentVariable("XDG_CACHE_HOME");
            var root = !string.IsNullOrEmpty(xdg) ? xdg
                : OperatingSystem.IsWindows() ? Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData)
                : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".cache");
            return Path.Combine(string.IsNullOrEmpty(root) ? Path.GetTempPath() : root, "sightline");
        }
    }

    private static bool IsAllocatorOurs => OperatingSystem.IsLinux() && Environment.GetEnvironmentVariable("SIGHTLINE_MALLOC") != "default";

    /// <summary>Loads LibTorch and sets the allocator.</summary>
    /// <exception cref="DeviceException">A native library is missing or does not fit this system; the message names it and the remedy.</exception>
    public static void EnsureLoaded()
    {
        lock (Gate)
        {
            if (_loaded)
            {
                return;
            }

            TuneAllocator();
            try
            {
                LoadCompatibleLibrary();
                torch.TryInitializeDeviceType(DeviceType.CPU);
                using var probe = torch.zeros(1);
                if (IsAllocatorOurs)
                {
                    AlignedBlocks.Install();
                }
            }
            catch (Exception error) when (error is not DeviceException)
            {
                throw new DeviceException(
                    $"LibTorch could not be loaded ({Innermost(error).Message}). It needs a 64-bit Linux with glibc 2.34 or newer " +
                    "(Debian 12, Ubuntu 22.04), Windows 10 or macOS 14 on Apple silicon. Run 'sightline doctor' or check that the native package " +
                    "TorchSharp-cpu 0.107.0 is referenced by the program.", error);
            }

            _loaded = true;
        }
    }

    // glibc gives every freed block above 128 KiB (at most 32 MiB) back to the system, so each step faults its activations in
    // again: 40-60 % of a CPU training step. One arena, because threads' own arenas are mapped and trimmed by other rules.
    private static void TuneAllocator()
    {
        if (IsAllocatorOurs)
        {
            Allocator.KeepBlocks();
        }
    }

    private static void LoadCompatibleLibrary()
    {
        if (!OperatingSystem.IsLinux() || RuntimeInformation.ProcessArchitecture != Architecture.X64)
        {
            return;
        }

        var shipped = FindShippedLibrary("libLibTorchSharp.so");
        if (shipped is null || HostHasVersion(ElfVersionPatch.MissingVersion))
        {
            return;
        }

        var folder = Path.GetDirectoryName(shipped)!; // A file's full path always has a folder.
        var patched = PatchedCopy(shipped);
        if (patched is null)
        {
            return;
        }

        // The copy's own search path does not lead to LibTorch, so its dependencies are loaded first. TorchSharp's later look-up
        // by soname then finds the copy, which is already in the process.
        foreach (var name in new[] { "libtorch_cpu.so", "libtorch_cuda.so", "libtorch.so" })
        {
            var path = Path.Combine(folder, name);
            if (File.Exists(path))
            {
                OpenGlobally(path);
            }
        }

        OpenGlobally(patched);
        NativeLibrary.SetDllImportResolver(typeof(torch).Assembly, (name, _, _) =>
            name == "LibTorchSharp" ? NativeLibrary.Load(patched) : IntPtr.Zero);
    }

    private static string? FindShippedLibrary(string name)
    {
        var folders = new List<string> { AppContext.BaseDirectory, Path.Combine(AppContext.BaseDirectory, "runtimes", "linux-x64", "native") };
        if (AppContext.GetData("NATIVE_DLL_SEARCH_DIRECTORIES") is string searched)
        {
            folders.AddRange(searched.Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries));
        }

        return folders.Select(folder => Path.Combine(folder, name)).FirstOrDefault(File.Exists);
    }

    // A libstdc++ names each version it defines once, in its string table.
    private static bool HostHasVersion(string version)
    {
        var handle = OpenGlobally("libstdc++.so.6");
        if (!NativeLibrary.TryGetExport(handle, "_ZSt4cout", out var symbol) || dladdr(symbol, out var info) == 0)
        {
            return false;
        }

        var path = Marshal.PtrToStringUTF8(info.FileName);
        return path is not null && File.ReadAllBytes(path).AsSpan().IndexOf(System.Text.Encoding.ASCII.GetBytes(version + "\0")) >= 0;
    }

    private static string? PatchedCopy(string shipped)
    {
        var library = File.ReadAllBytes(shipped);
        var key = Convert.ToHexStringLower(SHA256.HashData(library))[..16];
        var folder = Path.Combine(CacheFolder, "native");
        var target = Path.Combine(folder, $"libLibTorchSharp-{key}.so");
        if (File.Exists(target))
        {
            return target;
        }

        if (!ElfVersionPatch.Apply(library))
        {
            return null;
        }

        try
        {
            Directory.CreateDirectory(folder);
            AtomicFile.Write(target, library);
            return target;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new DeviceException(
                $"This system's libstdc++ is older than TorchSharp needs ({ElfVersionPatch.MissingVersion}), and the adapted copy could not be written to " +
                $"'{target}' ({error.Message}). Set SIGHTLINE_CACHE to a folder that can be written.", error);
        }
    }

    private static IntPtr OpenGlobally(string path)
    {
        var handle = dlopen(path, RtldNow | RtldGlobal);
        return handle != IntPtr.Zero ? handle : throw new DeviceException(
            $"The native library '{path}' could not be loaded: {Marshal.PtrToStringUTF8(dlerror())}.");
    }

    private static Exception Innermost(Exception error) => error.InnerException is { } inner ? Innermost(inner) : error;

    private const int RtldNow = 2;
    private const int RtldGlobal = 0x100;

    [StructLayout(LayoutKind.Sequential)]
    [SuppressMessage("Performance", "CA1823", Justification = "The fields mirror Dl_info of dlfcn.h.")]
    private struct DlInfo
    {
        public IntPtr FileName;
        public IntPtr FileBase;
        public IntPtr SymbolName;
        public IntPtr SymbolAddress;
    }

    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8)]
    private static partial IntPtr dlopen(string path, int flags);

    [LibraryImport("libc")]
    private static partial IntPtr dlerror();

    [LibraryImport("libc")]
    private static partial int dladdr(IntPtr address, out DlInfo info);
}
