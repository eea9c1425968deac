using static TorchSharp.torch;

namespace Sightline.Models;

/// <summary>A convolution's parameters and output shape on the meta device, where LibTorch itself has no convolution.</summary>
internal sealed class ShapeConvolution : nn.Module<Tensor, Tensor>
{
    private readonly TorchSharp.Modules.Parameter weight;
    private readonly TorchSharp.Modules.Parameter? bias;
    private readonly int _stride;
    private readonly int _padding;

    public ShapeConvolution(int input, int output, int kernel, int stride, int padding, int groups, bool hasBias)
        : base(nameof(ShapeConvolution))
    {
        weight = nn.Parameter(empty([output, input / groups, kernel, kernel], device: META));
        bias = hasBias ? nn.Parameter(empty([output], device: META)) : null;
        IsFull = DepthwiseConvolution.Stands(input, output, kernel, stride, groups);
        _stride = stride;
        _padding = padding;
        RegisterComponents();
    }

    /// <summary>Whether it stands for a <see cref="DepthwiseConvolution"/>, which computes in float32 where the others do not.</summary>
    public bool IsFull { get; }

    /// <summary>Multiply-accumulates per output element.</summary>
    public long FanIn => weight.shape[1] * weight.shape[2] * weight.shape[3];

    public override Tensor forward(Tensor x)
    {
        var kernel = weight.shape[2];
        long Side(long side) => side + (2 * _padding) >= kernel
            ? ((side + (2 * _padding) - kernel) / _stride) + 1
            : throw new SettingsException($"a {kernel}x{kernel} kernel meets {side} px");
        return empty([x.shape[0], weight.shape[0], Side(x.shape[2]), Side(x.shape[3])], device: META);
    }
}
