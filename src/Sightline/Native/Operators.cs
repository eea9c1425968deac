using System.Runtime.InteropServices;
using TorchSharp;
using static TorchSharp.torch;

namespace Sightline.Native;

/// <summary>LibTorch operators that TorchSharp does not bind, called through LibTorch's stable C interface.</summary>
/// <remarks>
/// <c>torch_call_dispatcher</c> takes one 64-bit word per argument and consumes each tensor handle and list it is given, so
/// every tensor is passed as a fresh handle to the same data (pytorch: torch/csrc/stable/c/shim.h, torch/csrc/shim_common.cpp).
/// <c>SIGHTLINE_INTEROP=off</c> switches this door off; callers then use their managed fallback.
/// </remarks>
internal static partial class Operators
{
    // 2.10.0 as TORCH_VERSION packs it: major, minor and patch in the three highest bytes.
    private const ulong BuildVersion = (2UL << 56) | (10UL << 48);
    internal const string Library = "torch_cpu";
    private static readonly Lazy<bool> Available = new(Probe);

    static Operators() => NativeLibrary.SetDllImportResolver(typeof(Operators).Assembly, (name, assembly, path) =>
        name == Library ? OpenLibTorch() : IntPtr.Zero);

    /// <summary>Whether the operators can be called in this process.</summary>
    public static bool IsAvailable => Available.Value;

    /// <summary>One SGD step over all tensors at once, in place. Buffers start as zeros. <c>aten::_fused_sgd_</c></summary>
    /// <param name="gradientDivisor">float32 scalar by which gradients are divided first, or null.</param>
    public static void FusedSgd(
        IReadOnlyList<Tensor> parameters, IReadOnlyList<Tensor> gradients, IReadOnlyList<Tensor> buffers,
        double learningRate, double momentum, double weightDecay, bool nesterov, Tensor? gradientDivisor)
    {
        Call("aten::_fused_sgd_", "",
        [
            List(parameters), List(gradients), List(momentum == 0 ? [] : buffers),
            Word(weightDecay), Word(momentum), Word(learningRate), Word(0.0), Word(nesterov), Word(false), Word(false),
            Optional(gradientDivisor), 0,
        ]);
    }

    /// <summary>One step of Adam or AdamW over all tensors at once, in place. <c>aten::_fused_adam_</c>, <c>aten::_fused_adamw_</c></summary>
    /// <param name="isDecoupled">AdamW: weight decay applies to the weight itself.</param>
    /// <param name="step">float32 scalar: the number of this step, from 1.</param>
    /// <param name="gradientDivisor">float32 scalar by which gradients are divided first, or null.</param>
    public static void FusedAdam(
        bool isDecoupled, IReadOnlyList<Tensor> parameters, IReadOnlyList<Tensor> gradients, IReadOnlyList<Tensor> means, IReadOnlyList<Tensor> squares,
        Tensor step, double learningRate, double beta1, double beta2, double weightDecay, double epsilon, Tensor? gradientDivisor)
    {
        var steps = Enumerable.Repeat(step, parameters.Count).ToArray();
        Call(isDecoupled ? "aten::_fused_adamw_" : "aten::_fused_adam_", "",
        [
            List(parameters), List(gradients), List(means), List(squares), List([]), List(steps),
            Word(learningRate), Word(beta1), Word(beta2), Word(weightDecay), Word(epsilon), Word(false), Word(false),
            Optional(gradientDivisor), 0,
        ]);
    }

    /// <summary>Moves every tensor by a share of its way to a target, in place. <c>aten::_foreach_lerp_.List</c></summary>
    /// <param name="share">float32 scalar.</param>
    public static void Lerp(IReadOnlyList<Tensor> tensors, IReadOnlyList<Tensor> targets, Tensor share) =>
        Call("aten::_foreach_lerp_", "List", [List(tensors), List(targets), List(Enumerable.Repeat(share, tensors.Count).ToArray())]);

    /// <summary>Multiplies gradients in place and says whether one is infinite or not a number. <c>aten::_amp_foreach_non_finite_check_and_unscale_</c></summary>
    /// <param name="found">float32 [1]; set to 1 where one is, else left as it is.</param>
    /// <param name="factor">float32 [1].</param>
    public static void Unscale(IReadOnlyList<Tensor> gradients, Tensor found, Tensor factor) =>
        Call("aten::_amp_foreach_non_finite_check_and_unscale_", "", [List(gradients), Handle(found), Handle(factor)]);

    /// <summary>Whether this processor computes in float16, in LibTorch's own judgement. <c>mkldnn::_is_mkldnn_fp16_supported</c></summary>
    public static bool HasFloat16() => (Call("mkldnn::_is_mkldnn_fp16_supported", "", [0])[0] & 1) == 1;

    /// <summary>Makes <paramref name="tensor"/> share the storage, sizes and strides of <paramref name="source"/>. <c>aten::set_</c></summary>
    public static void Set(Tensor tensor, Tensor source)
    {
        var stack = Call("aten::set_", "source_Tensor", [Handle(tensor), Handle(source)]);
        Tensor.UnsafeCreateTensor((nint)stack[0]).Dispose();
    }

    private static ulong[] Call(string name, string overload, ulong[] stack)
    {
        if (torch_call_dispatcher(name, overload, stack, BuildVersion) != 0)
        {
            throw new ExternalException($"LibTorch refused the operator {name}; its reason is on standard error.");
        }

        return stack;
    }

    private static ulong Word(double value) => BitConverter.DoubleToUInt64Bits(value);

    private static ulong Word(bool value) => value ? 1UL : 0UL;

    private static ulong Handle(Tensor tensor)
    {
        Check(aoti_torch_new_tensor_handle(tensor.Handle, out var handle));
        GC.KeepAlive(tensor);
        return (ulong)handle;
    }

    private static ulong List(IReadOnlyList<Tensor> tensors)
    {
        Check(torch_new_list_reserve_size((nuint)tensors.Count, out var list));
        foreach (var tensor in tensors)
        {
            Check(torch_list_push_back(list, Handle(tensor)));
        }

        return (ulong)list;
    }

    // An optional is null or a pointer to one word that LibTorch frees with operator delete, which is free() on every platform
    // that TorchSharp supports.
    private static unsafe ulong Optional(Tensor? tensor)
    {
        if (tensor is null)
        {
            return 0;
        }

        var word = (ulong*)NativeMemory.Alloc(sizeof(ulong));
        *word = Handle(tensor);
        return (ulong)word;
    }

    private static void Check(int error)
    {
        if (error != 0)
        {
            throw new ExternalException("LibTorch's C interface refused a tensor handle.");
        }
    }

    private static bool Probe()
    {
        if (Environment.GetEnvironmentVariable("SIGHTLINE_INTEROP") == "off")
        {
            return false;
        }

        try
        {
            using var scope = NewDisposeScope();
            using var noGrad = no_grad();
            var weight = ones(2);
            FusedSgd([weight], [ones(2)], [zeros(2)], 0.5, 0.9, 0, nesterov: false, gradientDivisor: full([], 2f));
            return Math.Abs(weight[0].item<float>() - 0.75f) < 1e-6;
        }
        catch (Exception error) when (error is DllNotFoundException or EntryPointNotFoundException or ExternalException)
        {
            return false;
        }
    }

    private static IntPtr OpenLibTorch()
    {
        NativeRuntime.EnsureLoaded();
        foreach (var name in OperatingSystem.IsWindows() ? ["torch_cpu.dll"] : new[] { "libtorch_cpu.so", "libtorch_cpu.dylib" })
        {
            if (NativeLibrary.TryLoad(name, typeof(torch).Assembly, null, out var handle))
            {
                return handle;
            }
        }

        return IntPtr.Zero;
    }

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int torch_call_dispatcher(string name, string overload, ulong[] stack, ulong buildVersion);

    [LibraryImport(Library)]
    private static partial int torch_new_list_reserve_size(nuint size, out nint list);

    [LibraryImport(Library)]
    private static partial int torch_list_push_back(nint list, ulong word);

    [LibraryImport(Library)]
    private static partial int aoti_torch_new_tensor_handle(nint tensor, out nint handle);
}
