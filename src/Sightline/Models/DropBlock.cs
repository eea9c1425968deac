using TorchSharp;
using static TorchSharp.torch;

namespace Sightline.Models;

/// <summary>In training, zeroes squares of each feature map at random and scales the rest up (Ghiasi et al. 2018). Off until a chance is set.</summary>
/// <remarks>Multiplies in place, as <see cref="StochasticDepth"/> does. Values as torchvision's <c>drop_block2d</c>.</remarks>
internal sealed class DropBlock() : nn.Module<Tensor, Tensor>(nameof(DropBlock))
{
    private const double Epsilon = 1e-6;

    /// <summary>Expected share of a map that is zeroed; 0 to below 1.</summary>
    public double Chance { get; set; }

    /// <summary>Side of a square, odd; smaller maps take the largest odd side that fits.</summary>
    public int Side { get; set; } = 7;

    /// <summary>The input itself, changed in place.</summary>
    public override Tensor forward(Tensor x)
    {
        if (!training || Chance == 0)
        {
            return x;
        }

        using var scope = NewDisposeScope();
        var shape = x.shape;
        var side = Fitting(shape);
        var centres = empty([shape[0], shape[1], shape[2] - side + 1, shape[3] - side + 1], ScalarType.Float32, x.device).bernoulli_(Rate(shape, Chance, side));
        x.mul_(Mask(centres, side).to(x.dtype));
        return x; // Not of this scope.
    }

    /// <summary>Algorithm 1 and equation 1 of the paper: the chance of a centre, so that squares cover the wanted share.</summary>
    internal static double Rate(long[] shape, double chance, int side) =>
        Math.Min(1, chance * shape[2] * shape[3] / ((double)side * side * (shape[2] - side + 1) * (shape[3] - side + 1)));

    /// <summary>0 within a square around each centre, elsewhere what keeps the mean.</summary>
    /// <param name="centres">float32 [N,C,H-side+1,W-side+1] of 0 and 1.</param>
    /// <param name="side">Odd.</param>
    /// <returns>float32 [N,C,H,W] of the current scope.</returns>
    internal static Tensor Mask(Tensor centres, int side)
    {
        using var scope = NewDisposeScope();
        var half = side / 2;
        var padded = nn.functional.pad(centres, [half, half, half, half]);
        var kept = 1 - nn.functional.max_pool2d(padded, [side, side], [1, 1], [half, half]);
        return kept.mul_(kept.numel() / (kept.sum() + Epsilon)).MoveToOuterDisposeScope();
    }

    private int Fitting(long[] shape)
    {
        var largest = (int)Math.Min(Side, Math.Min(shape[2], shape[3]));
        return largest % 2 == 1 ? largest : largest - 1;
    }
}
