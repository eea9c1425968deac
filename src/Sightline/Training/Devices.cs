using Sightline.Native;
using TorchSharp;
using static TorchSharp.torch;

namespace Sightline.Training;

/// <summary>The one place that decides where tensors live.</summary>
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
}
