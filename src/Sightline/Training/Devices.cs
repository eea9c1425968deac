using System.Runtime.Intrinsics.X86;
using Sightline.Native;
using TorchSharp;
using static TorchSharp.torch;

namespace Sightline.Training;

/// <summary>The one place that decides where tensors live and in which precision they compute.</summary>
internal static class Devices
{
    /// <summary>The device that a setting names.</summary>
    /// <param name="name"><c>auto</c>, <c>cpu</c>, <c>cuda</c> or <c>cuda:n</c>.</param>
    /// <exception cref="DeviceException">A GPU was asked for and this machine or build has none.</exception>
    /// <exception cref="SettingsException">The name is none of these.</exception>
    public static Device Choose(string name)
    {
        NativeRuntime.EnsureLoaded();
        if (name == "cpu" || (name == "auto" && !cuda.is_available()))
        {
            return CPU;
        }

        var index = 0;
        if (name is not ("auto" or "cuda") && !(name.StartsWith("cuda:", StringComparison.Ordinal) && int.TryParse(name.AsSpan(5), out index) && index >= 0))
        {
            throw new SettingsException($"Device is '{name}'; it must be auto, cpu, cuda or cuda:N. Pass --device auto.");
        }

        if (!cuda.is_available())
        {
            throw new DeviceException(
                $"Device is '{name}', but LibTorch sees no CUDA GPU. Check 'nvidia-smi', use a build made with -p:TorchBackend=cuda, or pass --device cpu.");
        }

        return index < cuda.device_count() ? new Device(DeviceType.CUDA, index) : throw new DeviceException(
            $"Device is '{name}', but this machine has {cuda.device_count()} CUDA GPUs, numbered from 0. Pass --device cuda:0.");
    }

    /// <summary>The precision that a setting names on a device: fp32, bf16 or fp16. Auto is the shortest that it computes in; whether that pays is measured later.</summary>
    /// <exception cref="SettingsException">bf16 or fp16 was asked for, and this build of LibTorch cannot be told to use it.</exception>
    /// <exception cref="DeviceException">fp16 was asked for, and the processor does not compute in it.</exception>
    public static Precision Choose(Precision precision, Device device) => precision switch
    {
        Precision.Auto => device.type == DeviceType.CPU && HasBFloat16() && Autocast.IsAvailable ? Precision.Bf16 : Precision.Fp32,
        Precision.Bf16 or Precision.Fp16 when !Autocast.IsAvailable => throw new SettingsException(
            $"Precision is {precision.ToString().ToLowerInvariant()}, but LibTorch's autocast cannot be reached in this build (it can on Linux, unless SIGHTLINE_INTEROP=off). " +
            "Pass --set precision=fp32."),
        // Measured without it (Zen 4): LibTorch then converts and multiplies in plain loops, a step takes 20 times as long as in fp32.
        Precision.Fp16 when device.type == DeviceType.CPU && !Operators.HasFloat16() => throw new DeviceException(
            "Precision is fp16, but this processor does not compute in it (it needs AVX512-FP16, AVX-NE-CONVERT or AMX-FP16). " +
            "Pass --set precision=auto, which takes bf16 where the processor has it, or --device cuda on a machine with a GPU."),
        _ => precision,
    };

    // Leaf 7 of CPUID: AVX512_BF16 in EAX of subleaf 1 (bit 5), AMX-BF16 in EDX of subleaf 0 (bit 22) (Intel SDM, volume 2, CPUID).
    private static bool HasBFloat16()
    {
        if (!Avx512F.IsSupported || X86Base.CpuId(0, 0).Eax < 7)
        {
            return false;
        }

        var leaf = X86Base.CpuId(7, 0);
        return (leaf.Edx & (1 << 22)) != 0 || (leaf.Eax >= 1 && (X86Base.CpuId(7, 1).Eax & (1 << 5)) != 0);
    }
}
