using System.Runtime.InteropServices;
using System.Text;

namespace Sightline.Compute.Monitoring;

/// <summary>The functions of <c>libnvidia-ml.so.1</c> (<c>nvml.dll</c>) that are used, looked up by name: older drivers lack some.</summary>
/// <remarks>Signatures and numbers: NVIDIA's NVML API reference (docs.nvidia.com/deploy/nvml-api).</remarks>
internal sealed unsafe class NvmlLibrary : IDisposable
{
    public const int Success = 0;
    public const int GpuIsLost = 15;
    private const ulong NotAvailable = ulong.MaxValue; // NVML_VALUE_NOT_AVAILABLE
    private const int NameBytes = 96; // NVML_DEVICE_UUID_V2_BUFFER_SIZE and NVML_DEVICE_NAME_V2_BUFFER_SIZE
    private const int MostProcesses = 256;

    private readonly nint _library;

    private NvmlLibrary(nint library) => _library = library;

    /// <summary>Loads and starts the library.</summary>
    /// <param name="path">Its file; null looks where drivers put it.</param>
    /// <param name="why">Where null is returned: the reason in plain words.</param>
    public static NvmlLibrary? Open(string? path, out string? why)
    {
        nint handle = 0;
        var names = path is not null ? [path] : OperatingSystem.IsWindows() ? new[] { "nvml.dll" } : ["libnvidia-ml.so.1"];
        if (!names.Any(name => NativeLibrary.TryLoad(name, out handle)))
        {
            why = $"no NVIDIA driver: {string.Join(" or ", names)} is not there";
            return null;
        }

        var library = new NvmlLibrary(handle);
        var code = library.Call("nvmlInit_v2");
        if (code == Success)
        {
            why = null;
            return library;
        }

        why = code switch
        {
            null => $"{names[0]} is no NVML library: it has no nvmlInit_v2",
            9 => "the NVIDIA driver is not loaded", // NVML_ERROR_DRIVER_NOT_LOADED
            4 => "this user may not ask the NVIDIA driver", // NVML_ERROR_NO_PERMISSION
            18 => "the NVIDIA library and the driver have different versions; restart the machine after an update of the driver", // NVML_ERROR_LIB_RM_VERSION_MISMATCH
            { } other => $"the NVIDIA driver answers with code {other}",
        };
        NativeLibrary.Free(handle);
        return null;
    }

    /// <summary>Number of GPUs; 0 where it is not told.</summary>
    public uint Count => Number("nvmlDeviceGetCount_v2") ?? 0;

    /// <summary>Version of the driver.</summary>
    public string? Driver
    {
        get
        {
            var buffer = stackalloc byte[NameBytes];
            var function = (delegate* unmanaged<byte*, uint, int>)Find("nvmlSystemGetDriverVersion");
            return function != null && function(buffer, NameBytes) == Success ? Text(buffer) : null;
        }
    }

    /// <summary>A GPU by number.</summary>
    /// <param name="index">From 0.</param>
    /// <param name="code">The library's answer.</param>
    public nint Device(uint index, out int code)
    {
        nint device = 0;
        var function = (delegate* unmanaged<uint, nint*, int>)Find("nvmlDeviceGetHandleByIndex_v2");
        code = function == null ? -1 : function(index, &device);
        return device;
    }

    /// <summary>A text of a GPU.</summary>
    public string? Text(string name, nint device)
    {
        var buffer = stackalloc byte[NameBytes];
        var function = (delegate* unmanaged<nint, byte*, uint, int>)Find(name);
        return function != null && function(device, buffer, NameBytes) == Success ? Text(buffer) : null;
    }

    /// <summary>A number of a GPU.</summary>
    public double? Number(string name, nint device)
    {
        uint value = 0;
        var function = (delegate* unmanaged<nint, uint*, int>)Find(name);
        return function != null && function(device, &value) == Success ? value : null;
    }

    /// <summary>A number of a GPU by kind, such as the clock of a part.</summary>
    public double? Number(string name, nint device, int kind)
    {
        uint value = 0;
        var function = (delegate* unmanaged<nint, int, uint*, int>)Find(name);
        return function != null && function(device, kind, &value) == Success ? value : null;
    }

    /// <summary>A long number of a GPU.</summary>
    public ulong? Long(string name, nint device)
    {
        ulong value = 0;
        var function = (delegate* unmanaged<nint, ulong*, int>)Find(name);
        return function != null && function(device, &value) == Success ? value : null;
    }

    /// <summary>Utilisation, percent: kernels, memory controller.</summary>
    public (double Gpu, double Memory)? Utilisation(nint device, out int code)
    {
        var values = stackalloc uint[2]; // nvmlUtilization_t
        var function = (delegate* unmanaged<nint, uint*, int>)Find("nvmlDeviceGetUtilizationRates");
        code = function == null ? -1 : function(device, values);
        return code == Success ? (values[0], values[1]) : null;
    }

    /// <summary>Memory, bytes: used, total.</summary>
    public (double Used, double Total)? Memory(nint device)
    {
        var values = stackalloc ulong[3]; // nvmlMemory_t: total, free, used
        var function = (delegate* unmanaged<nint, ulong*, int>)Find("nvmlDeviceGetMemoryInfo");
        return function != null && function(device, values) == Success && values[0] > 0 ? (values[2], values[0]) : null;
    }

    /// <summary>The computing processes.</summary>
    public IReadOnlyList<GpuProcess>? Processes(nint device)
    {
        // The form with instance ids has 24 bytes, in version 3 as in version 2.
        var function = (delegate* unmanaged<nint, uint*, ProcessInfo*, int>)Find("nvmlDeviceGetComputeRunningProcesses_v3", "nvmlDeviceGetComputeRunningProcesses_v2");
        if (function == null)
        {
            return null;
        }

        var found = stackalloc ProcessInfo[MostProcesses];
        uint count = MostProcesses;
        if (function(device, &count, found) != Success)
        {
            return null;
        }

        var processes = new List<GpuProcess>();
        for (var i = 0; i < Math.Min(count, MostProcesses); i++)
        {
            processes.Add(new GpuProcess((int)found[i].Pid, found[i].Memory == NotAvailable ? null : found[i].Memory));
        }

        return processes;
    }

    public void Dispose()
    {
        Call("nvmlShutdown");
        NativeLibrary.Free(_library);
    }

    private int? Call(string name)
    {
        var function = (delegate* unmanaged<int>)Find(name);
        return function == null ? null : function();
    }

    private uint? Number(string name)
    {
        uint value = 0;
        var function = (delegate* unmanaged<uint*, int>)Find(name);
        return function != null && function(&value) == Success ? value : null;
    }

    private void* Find(params ReadOnlySpan<string> names)
    {
        foreach (var name in names)
        {
            if (NativeLibrary.TryGetExport(_library, name, out var address))
            {
                return (void*)address;
            }
        }

        return null;
    }

    private static string Text(byte* buffer)
    {
        var bytes = new ReadOnlySpan<byte>(buffer, NameBytes);
        var end = bytes.IndexOf((byte)0);
        return Encoding.UTF8.GetString(end < 0 ? bytes : bytes[..end]);
    }

    [StructLayout(LayoutKind.Sequential)]
    private struct ProcessInfo
    {
        public uint Pid;
        public ulong Memory;
        public uint GpuInstance;
        public uint ComputeInstance;
    }
}
