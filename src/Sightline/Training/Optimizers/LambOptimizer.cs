using static TorchSharp.torch;

namespace Sightline.Training;

/// <summary>LAMB: Adam's direction, its length in each layer set by the norm of the layer's weights; LibTorch has no fused kernel for it.</summary>
/// <remarks>
/// You et al. 2020, algorithm 2, with the norm itself as its function phi. Vectors (norms, biases) take Adam's length, as in the authors'
/// own code: a bias that starts at zero would never move.
/// </remarks>
internal sealed class LambOptimizer(nn.Module model, OptimizerOptions options, IReadOnlyList<ParameterGroup>? groups = null)
    : ParameterOptimizer(model, options, groups, fused: false)
{
    protected override IReadOnlyList<string> Slots => ["mean", "square"];

    protected override void Update(ActiveGroup group, double learningRate, Tensor? divisor)
    {
        var (beta1, beta2) = (Options.Beta1, Options.Beta2OrDefault);
        var means = group.State(0);
        var squares = group.State(1);
        var meanCorrection = 1 - Math.Pow(beta1, group.StepCount);
        var squareCorrection = 1 - Math.Pow(beta2, group.StepCount);
        for (var i = 0; i < group.Parameters.Count; i++)
        {
            using var scope = NewDisposeScope();
            var parameter = group.Parameters[i];
            var gradient = divisor is null ? group.Gradients[i] : group.Gradients[i] / divisor;
            means[i].lerp_(gradient, 1 - beta1);
            squares[i].mul_(beta2).addcmul_(gradient, gradient, 1 - beta2);
            var direction = (means[i] / meanCorrection).div_((squares[i] / squareCorrection).sqrt_().add_(Options.EpsilonOrDefault));
            if (group.WeightDecay > 0)
            {
                direction.add_(parameter, group.WeightDecay);
            }

            if (!group.IsVectors)
            {
                // A layer of zeros, or one that need not move, takes the step as it is.
                var (length, needed) = (linalg.vector_norm(parameter, 2), linalg.vector_norm(direction, 2));
                direction.mul_(where(length.gt(0).logical_and(needed.gt(0)), length / needed, ones_like(length)));
            }

            parameter.add_(direction, -learningRate);
        }
    }
}
