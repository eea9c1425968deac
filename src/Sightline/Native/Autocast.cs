using System.Runtime.InteropServices;
using TorchSharp;
using static TorchSharp.torch;

namespace Sightline.Native;

/// <summary>Mixed precision: while it stands, LibTorch runs convolutions and matrix products of this thread in a shorter type.</summary>
/// <remarks>
/// TorchSharp binds none of it; these are C++ functions of LibTorch 2.10 by their mangled names (pytorch: aten/src/ATen/autocast_mode.h),
/// which differ on Windows. Weights stay float32; LibTorch keeps their short copies until the outermost scope ends.
/// <c>SIGHTLINE_INTEROP=off</c> switches this door off too.
/// </remarks>
internal sealed partial class Autocast : IDisposable
{
    private const sbyte Cpu = 0;
    private const sbyte Cuda = 1;
    private static readonly Lazy<bool> Available = new(Probe);

    [ThreadStatic]
    private static ScalarType? typeOnCpu;

    private readonly sbyte _device;

    private Autocast(Device device, ScalarType type)
    {
        _device = Kind(device);
        SetType(_device, (sbyte)type);
        SetEnabled(_device, true);
        IncrementNesting();
        typeOnCpu = _device == Cpu ? type : typeOnCpu;
    }

    /// <summary>The short type in which this thread computes on the CPU at the moment; null outside of scopes and within a pause.</summary>
    public static ScalarType? TypeOnCpu => typeOnCpu;

    /// <summary>Whether this process's LibTorch has the functions.</summary>
    public static bool IsAvailable => Available.Value;

    /// <summary>Begins a scope of the calling thread; null where <paramref name="type"/> is float32, which needs none.</summary>
    /// <param name="type">float32, bfloat16 or float16.</param>
    public static Autocast? Begin(Device device, ScalarType type) => type == ScalarType.Float32 ? null : new Autocast(device, type);

    /// <summary>Computes in the tensors' own types on the CPU until the result is disposed. Only within a scope.</summary>
    public static PauseScope Pause() => new(typeOnCpu);

    public void Dispose()
    {
        if (DecrementNesting() == 0)
        {
            ClearCache();
        }

        SetEnabled(_device, false);
        typeOnCpu = _device == Cpu ? null : typeOnCpu;
    }

    private static sbyte Kind(Device device) => device.type == DeviceType.CUDA ? Cuda : Cpu;

    private static bool Probe()
    {
        if (!Operators.IsAvailable)
        {
            return false;
        }

        try
        {
            using var scope = NewDisposeScope();
            using var cast = new Autocast(CPU, ScalarType.BFloat16);
            return ones(2, 2).mm(ones(2, 2)).dtype == ScalarType.BFloat16;
        }
        catch (EntryPointNotFoundException)
        {
            return false;
        }
    }

    [LibraryImport(Operators.Library, EntryPoint = "_ZN2at8autocast20set_autocast_enabledEN3c1010DeviceTypeEb")]
    private static partial void SetEnabled(sbyte device, [MarshalAs(UnmanagedType.U1)] bool enabled);

    [LibraryImport(Operators.Library, EntryPoint = "_ZN2at8autocast18set_autocast_dtypeEN3c1010DeviceTypeENS1_10ScalarTypeE")]
    private static partial void SetType(sbyte device, sbyte type);

    [LibraryImport(Operators.Library, EntryPoint = "_ZN2at8autocast17increment_nestingEv")]
    private static partial int IncrementNesting();

    [LibraryImport(Operators.Library, EntryPoint = "_ZN2at8autocast17decrement_nestingEv")]
    private static partial int DecrementNesting();

    [LibraryImport(Operators.Library, EntryPoint = "_ZN2at8autocast11clear_cacheEv")]
    private static partial void ClearCache();

    /// <summary>Ends a pause. The short copies of weights stay.</summary>
    internal readonly ref struct PauseScope : IDisposable
    {
        private readonly ScalarType? _type;

        public PauseScope(ScalarType? type)
        {
            _type = type;
            if (type is not null)
            {
                SetEnabled(Cpu, false);
                typeOnCpu = null;
            }
        }

        public void Dispose()
        {
            if (_type is not null)
            {
                SetEnabled(Cpu, true);
                typeOnCpu = _type;
            }
        }
    }
}
