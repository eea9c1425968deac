using Sightline.Native;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Sightline.Models;

/// <summary>A depthwise convolution that computes in float32 under autocast on a CPU, where that is the faster type.</summary>
/// <remarks>
/// oneDNN 3.7 has no depthwise kernel in bf16 for two backward passes and takes general ones, which multiply groups of one channel by sixteen: the input's
/// gradient at strides above 1 (<c>brgconv_strided</c>) and the weights' gradient of kernels above 3 (<c>jit_bf16</c>). Measured by its own log on an EPYC
/// (Zen 4), one thread, 16 pictures of 224 px, MobileNetV3-Large: 523 of a step's 1061 ms in 10 such calls; in float32 they take 80 ms, and the casts 40.
/// </remarks>
internal sealed class DepthwiseConvolution : nn.Module<Tensor, Tensor>
{
    private readonly Parameter weight;
    private readonly Parameter? bias;
    private readonly long[] _stride;
    private readonly long[] _padding;

    /// <param name="start">Its values are taken over; the caller disposes it.</param>
    public DepthwiseConvolution(Conv2d start, int stride, int padding)
        : base(nameof(DepthwiseConvolution))
    {
        weight = nn.Parameter(start.weight!.detach().clone()); // Never null after construction.
        bias = start.bias is null ? null : nn.Parameter(start.bias.detach().clone());
        (_stride, _padding) = ([stride, stride], [padding, padding]);
        RegisterComponents();
    }

    /// <summary>Whether a convolution is depthwise and has one of the slow backward passes.</summary>
    public static bool Stands(int input, int output, int kernel, int stride, int groups) =>
        groups > 1 && groups == input && groups == output && (kernel > 3 || stride > 1);

    public override Tensor forward(Tensor x)
    {
        if (Autocast.TypeOnCpu is not { } type || x.device_type != DeviceType.CPU)
        {
            return Convolve(x);
        }

        using var scope = NewDisposeScope();
        using var pause = Autocast.Pause();
        return Convolve(x.to(ScalarType.Float32)).to(type).MoveToOuterDisposeScope();
    }

    private Tensor Convolve(Tensor x) => nn.functional.conv2d(x, weight, bias, _stride, _padding, groups: weight.shape[0]);
}
