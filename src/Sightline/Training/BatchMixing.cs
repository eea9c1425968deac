using Sightline.Augment;
using static TorchSharp.torch;

namespace Sightline.Training;

/// <summary>Applies a <see cref="BatchMix"/> to tensors; the neighbour of each picture is the one before it, the first's is the last.</summary>
internal static class BatchMixing
{
    /// <summary>The mixed pictures.</summary>
    /// <param name="images">float [N,3,S,S]; left as they are.</param>
    /// <param name="mix">How.</param>
    /// <returns>A new tensor of the current scope.</returns>
    public static Tensor Images(Tensor images, BatchMix mix)
    {
        var neighbours = images.roll(1, 0);
        if (mix.Cut is not { } cut)
        {
            return images.mul(mix.Share).add_(neighbours.mul_(1 - mix.Share));
        }

        var mixed = images.clone();
        if (cut.Width > 0 && cut.Height > 0)
        {
            Part(mixed).copy_(Part(neighbours));
        }

        return mixed;

        Tensor Part(Tensor whole) => whole.narrow(2, cut.Y, cut.Height).narrow(3, cut.X, cut.Width);
    }

    /// <summary>Soft targets: each row has the shares of its own class and of its neighbour's.</summary>
    /// <param name="labels">int64 [N].</param>
    /// <param name="classes">K.</param>
    /// <param name="mix">How.</param>
    /// <returns>float32 [N,K] of the current scope; rows sum to 1.</returns>
    public static Tensor Targets(Tensor labels, int classes, BatchMix mix)
    {
        var own = nn.functional.one_hot(labels, classes).to(ScalarType.Float32);
        return own.mul(mix.Share).add_(own.roll(1, 0).mul_(1 - mix.Share));
    }
}
