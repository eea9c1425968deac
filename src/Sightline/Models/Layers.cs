using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Sightline.Models;

/// <summary>How a family draws its convolution weights.</summary>
internal enum ConvolutionInit
{
    /// <summary>He et al. 2015 for ReLU over a kernel's outputs: normal, variance 2 / (out channels x area), groups not counted.</summary>
    FanOut,

    /// <summary>The same over the inputs of a kernel.</summary>
    FanIn,

    /// <summary>Normal with standard deviation 0.02.</summary>
    /// <remarks>
    /// torchvision cuts it at ±2, a hundred deviations, which never happens; TorchSharp 0.107's own <c>trunc_normal_</c> gives values
    /// of 1e-9 with these bounds.
    /// </remarks>
    Narrow,
}

/// <summary>Makes the layers of one network: on its device, with its family's norm constants and initialisation.</summary>
internal sealed record Layers(Device? Device)
{
    /// <summary>Standard deviation of <see cref="ConvolutionInit.Narrow"/>.</summary>
    public const double NarrowDeviation = 0.02;

    /// <summary>Channels of the input pictures.</summary>
    public int Channels { get; init; } = 3;

    public ConvolutionInit Init { get; init; } = ConvolutionInit.FanOut;

    public double NormEpsilon { get; init; } = 1e-5;

    public double NormMomentum { get; init; } = 0.1;

    private bool IsMeta => Device?.type == DeviceType.META;

    /// <summary>A square convolution; padding null keeps the size at stride 1. A bias starts at zero.</summary>
    /// <returns>A <see cref="Conv2d"/>, a <see cref="DepthwiseConvolution"/>, or a <see cref="ShapeConvolution"/> on the meta device.</returns>
    public nn.Module<Tensor, Tensor> Conv(
        int input, int output, int kernel, int stride = 1, int groups = 1, bool bias = false, int? padding = null)
    {
        if (IsMeta)
        {
            return new ShapeConvolution(input, output, kernel, stride, padding ?? (kernel - 1) / 2, groups, bias);
        }

        var conv = nn.Conv2d(input, output, kernel, stride, padding ?? (kernel - 1) / 2, groups: groups, bias: bias, device: Device);
        Draw(conv, (Init == ConvolutionInit.FanOut ? output : input / groups) * kernel * kernel);
        if (!DepthwiseConvolution.Stands(input, output, kernel, stride, groups))
        {
            return conv;
        }

        using (conv)
        {
            return new DepthwiseConvolution(conv, stride, padding ?? (kernel - 1) / 2);
        }
    }

    /// <summary>A batch norm with PyTorch's start: weight 1, bias 0.</summary>
    /// <returns>A <see cref="BatchNorm2d"/>, or a <see cref="ShapeNorm"/> on the meta device.</returns>
    public nn.Module<Tensor, Tensor> Norm(int channels) => IsMeta
        ? new ShapeNorm(channels)
        : nn.BatchNorm2d(channels, NormEpsilon, NormMomentum, device: Device);

    /// <summary>A convolution without bias, its norm, and the activation if there is one: keys 0 and 1.</summary>
    /// <remarks>
    /// Smooth activations are given as new-tensor ones: their backward pass needs the norm's result, which an in-place form would have
    /// to copy first.
    /// </remarks>
    public Sequential ConvNorm(
        int input, int output, int kernel, int stride = 1, int groups = 1, nn.Module<Tensor, Tensor>? activation = null)
    {
        var conv = Conv(input, output, kernel, stride, groups);
        return activation is null ? nn.Sequential(conv, Norm(output)) : nn.Sequential(conv, Norm(output), activation);
    }

    /// <summary>The nearest multiple of 8 that is at least 8 and not more than 10 % below the value (torchvision's <c>_make_divisible</c>).</summary>
    public static int Divisible(double channels)
    {
        var nearest = Math.Max(8, (int)(channels + 4) / 8 * 8);
        return nearest < 0.9 * channels ? nearest + 8 : nearest;
    }

    /// <summary>Hard swish. LibTorch has none on the meta device, where SiLU stands in: the shape is all that counts there.</summary>
    public nn.Module<Tensor, Tensor> HardSwish() => IsMeta ? nn.SiLU() : nn.Hardswish();

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

    private void Draw(Conv2d conv, int fan)
    {
        using var noGrad = no_grad();
        using var scope = NewDisposeScope();
        nn.init.normal_(conv.weight, 0, Init == ConvolutionInit.Narrow ? NarrowDeviation : Math.Sqrt(2.0 / fan));
        if (conv.bias is not null)
        {
            nn.init.zeros_(conv.bias);
        }
    }
}
