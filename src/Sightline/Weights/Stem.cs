using Sightline.Models;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Sightline.Weights;

/// <summary>A model's first convolution, and how its kernels are carried over to another number of input channels.</summary>
internal static class Stem
{
    /// <summary>The key of its weight; null for a model without convolutions.</summary>
    public static string? Key(nn.Module module)
    {
        var name = module.named_modules().FirstOrDefault(child => child.module is Conv2d or ShapeConvolution).name;
        return name is null ? null : name + ".weight";
    }

    /// <summary>Kernels for another number of channels, with the same answer to the same light in all of them.</summary>
    /// <param name="weight">float [O,I,k,k].</param>
    /// <param name="channels">C; at least 1.</param>
    /// <returns>
    /// [O,C,k,k] of the current scope: for one channel the sum over the inputs, else the inputs again and again, each times I/C. timm does the
    /// same (timm/models/_manipulate.py, <c>adapt_input_conv</c>).
    /// </returns>
    public static Tensor Adapt(Tensor weight, long channels)
    {
        var inputs = weight.shape[1];
        if (channels == 1)
        {
            return weight.sum(1, keepdim: true);
        }

        var repeats = (channels + inputs - 1) / inputs;
        return weight.repeat(1, repeats, 1, 1).narrow(1, 0, channels).mul((double)inputs / channels);
    }

    /// <summary>Whether a weight is that of the stem but for its number of channels.</summary>
    public static bool DiffersInChannels(Tensor given, Tensor own) =>
        given.dim() == 4 && own.dim() == 4 && given.is_floating_point() && given.shape[1] != own.shape[1] && given.shape[1] > 0
        && given.shape[0] == own.shape[0] && given.shape.Skip(2).SequenceEqual(own.shape.Skip(2));
}
