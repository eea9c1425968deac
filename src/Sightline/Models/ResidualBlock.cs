using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Sightline.Models;

/// <summary>An inverted residual block (Sandler et al. 2018): its parts, and its input added where the shape allows.</summary>
/// <remarks>The addition is in place: the parts end with a batch norm, which keeps its input and not its result.</remarks>
internal sealed class ResidualBlock : nn.Module<Tensor, Tensor>
{
    private readonly Sequential block;
    private readonly StochasticDepth drop;
    private readonly bool _isResidual;

    public ResidualBlock(Sequential parts, bool isResidual, double dropChance = 0)
        : base(nameof(ResidualBlock))
    {
        block = parts;
        drop = new StochasticDepth(dropChance);
        _isResidual = isResidual;
        RegisterComponents();
    }

    public override Tensor forward(Tensor x)
    {
        using var scope = NewDisposeScope();
        var y = block.call(x);
        return (_isResidual ? drop.call(y).add_(x) : y).MoveToOuterDisposeScope();
    }
}
