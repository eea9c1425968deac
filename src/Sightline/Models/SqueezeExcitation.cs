using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Sightline.Models;

/// <summary>Scales each channel by a gate computed from all channels' means (Hu et al. 2018).</summary>
internal sealed class SqueezeExcitation : nn.Module<Tensor, Tensor>
{
    private readonly nn.Module<Tensor, Tensor> fc1;
    private readonly nn.Module<Tensor, Tensor> activation;
    private readonly nn.Module<Tensor, Tensor> fc2;
    private readonly nn.Module<Tensor, Tensor> gate;

    public SqueezeExcitation(
        Layers layers, int channels, int squeezed, nn.Module<Tensor, Tensor> activation, nn.Module<Tensor, Tensor> gate)
        : base(nameof(SqueezeExcitation))
    {
        fc1 = layers.Conv(channels, squeezed, 1, bias: true);
        fc2 = layers.Conv(squeezed, channels, 1, bias: true);
        this.activation = activation;
        this.gate = gate;
        RegisterComponents();
    }

    public override Tensor forward(Tensor x)
    {
        using var scope = NewDisposeScope();
        var mean = nn.functional.adaptive_avg_pool2d(x, 1);
        var scale = gate.call(fc2.call(activation.call(fc1.call(mean))));
        return (scale * x).MoveToOuterDisposeScope();
    }
}
