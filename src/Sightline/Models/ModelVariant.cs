using Sightline.Data;
using static TorchSharp.torch;

namespace Sightline.Models;

/// <summary>One row of the model catalogue: a named architecture that can be built for any number of classes.</summary>
public sealed record ModelVariant
{
    /// <summary>torchvision's name where it has one (<c>resnet50</c>); <c>resnet18_small</c> for the small-image variants.</summary>
    public required string Name { get; init; }

    /// <summary>The family: <c>resnet</c>, <c>densenet</c>, <c>efficientnet</c>, …</summary>
    public required string Family { get; init; }

    /// <summary>Builds the module for a number of classes and of input channels on a device (null: CPU).</summary>
    public required Func<int, int, Device?, nn.Module<Tensor, Tensor>> Build { get; init; }

    /// <summary>Learnable parameters with 1000 classes.</summary>
    public required long Parameters { get; init; }

    /// <summary>Keys of the state dictionary.</summary>
    public required int StateKeys { get; init; }

    /// <summary>Multiply-accumulates of one picture at the published crop, 1000 classes (convolution and linear outputs x fan-in).</summary>
    public required long Macs { get; init; }

    /// <summary>torchvision's published ImageNet top-1 in percent (IMAGENET1K_V1); null where there is none.</summary>
    public double? Top1 { get; init; }

    /// <summary>The published evaluation input: crop, resize, filter, mean, standard deviation.</summary>
    public required Preprocessing Preprocessing { get; init; }

    /// <summary>Builds the module, initialised as torchvision 0.14.1 does, from TorchSharp's default generator (seed it by <c>torch.manual_seed</c>).</summary>
    /// <param name="classes">Number of classes; at least 1.</param>
    /// <param name="device">Where the weights live; null is the CPU.</param>
    /// <param name="channels">Channels of the input; at least 1. Sightline's own loader gives 3.</param>
    /// <returns>A module in training mode: float32 [N,channels,H,W] normalised in, logits float32 [N,classes] out. The caller owns it.</returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="classes"/> or <paramref name="channels"/> is below 1.</exception>
    /// <exception cref="DeviceException">LibTorch cannot be loaded.</exception>
    public nn.Module<Tensor, Tensor> Create(int classes, Device? device = null, int channels = 3)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(classes, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(channels, 1);
        Native.NativeRuntime.EnsureLoaded();
        return Build(classes, channels, device);
    }
}
