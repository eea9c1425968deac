using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Sightline.Models;

/// <summary>How a family draws its convolution weights.</summary>
internal enum ConvolutionInit
{
    /// <summary>He et al. 2015 for ReLU over the outputs of a kernel: normal, variance 2 / (out channels x kernel area), groups not counted.</summary>
    FanOut,

    /// <summary>The same over the inputs of a kernel.</summary>
    FanIn,

    /// <summary>Normal with standard deviation 0.02, cut at ±2 (not at two standard deviations: torchvision passes no bounds).</summary>
    TruncatedNormal,
}

/// <summary>Makes the layers of one network: on its device, with its family's norm constants and initialisation.</summary>
internal sealed record Layers(Device? Device)
{
    public ConvolutionInit Init { get; init; } = ConvolutionInit.FanOut;

    public double NormEpsilon { get; init; } = 1e-5;

    public double NormMomentum { get; init; } = 0.1;

    /// <summary>A square convolution; padding null keeps the size at stride 1. A bias starts at zero.</summary>
    public Conv2d Conv(int input, int output, int kernel, int stride = 1, int groups = 1, bool bias = false, int? padding = null)
    {
        var conv = nn.Conv2d(input, output, kernel, stride, padding ?? (kernel - 1) / 2, groups: groups, bias: bias, device: Device);
        using var noGrad = no_grad();
        using var scope = NewDisposeScope();
        if (Init == ConvolutionInit.TruncatedNormal)
        {
            nn.init.trunc_normal_(conv.weight, std: 0.02);
        }
        else
        {
            var fan = (Init == ConvolutionInit.FanOut ? output : input / groups) * kernel * kernel;
            nn.init.normal_(conv.weight, 0, Math.Sqrt(2.0 / fan));
        }

        if (bias)
        {
            nn.init.zeros_(conv.bias!); // A convolution made with a bias has one.
        }

        return conv;
    }

    public BatchNorm2d Norm(int channels) => nn.BatchNorm2d(channels, NormEpsilon, NormMomentum, device: Device);

    /// <summary>A linear layer with PyTorch's default start: weight and bias uniform within 1 / sqrt(inputs).</summary>
    public Linear Linear(int input, int output) => nn.Linear(input, output, device: Device);

    /// <summary>A linear layer whose weight is drawn by <paramref name="draw"/> and whose bias starts at zero.</summary>
    public Linear Linear(int input, int output, Func<Tensor, Tensor> draw)
    {
        var linear = Linear(input, output);
        using var noGrad = no_grad();
        using var scope = NewDisposeScope();
        draw(linear.weight!); // Never null after construction.
        nn.init.zeros_(linear.bias!); // Made with a bias.
        return linear;
    }
}
