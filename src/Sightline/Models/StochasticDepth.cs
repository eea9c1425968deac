using static TorchSharp.torch;

namespace Sightline.Models;

/// <summary>In training, zeroes whole rows of a residual branch at random and scales the others up (Huang et al. 2016).</summary>
/// <remarks>Multiplies in place: the branch's last layer (norm, or a product) does not need its result for the backward pass.</remarks>
internal sealed class StochasticDepth(double chance) : nn.Module<Tensor, Tensor>(nameof(StochasticDepth))
{
    /// <summary>Probability that a row is dropped; 0 to below 1.</summary>
    public double Chance { get; set; } = chance;

    /// <summary>The input itself, changed in place.</summary>
    public override Tensor forward(Tensor x)
    {
        if (!training || Chance == 0)
        {
            return x;
        }

        var kept = 1 - Chance;
        var shape = new long[x.dim()];
        Array.Fill(shape, 1);
        shape[0] = x.shape[0];
        using var mask = empty(shape, x.dtype, x.device).bernoulli_(kept).div_(kept);
        return x.mul_(mask);
    }
}
