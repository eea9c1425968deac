using static TorchSharp.torch;

namespace Sightline.Training;

/// <summary>Lion: every weight moves by the same length, in the direction of a mixture of gradient and momentum; LibTorch has no fused kernel for it.</summary>
/// <remarks>Chen et al. 2023, algorithm 2.</remarks>
internal sealed class LionOptimizer(nn.Module model, OptimizerOptions options, IReadOnlyList<ParameterGroup>? groups = null)
    : ParameterOptimizer(model, options, groups, fused: false)
{
    protected override IReadOnlyList<string> Slots => ["momentum"];

    protected override void Update(ActiveGroup group, double learningRate, Tensor? divisor)
    {
        var momenta = group.State(0);
        for (var i = 0; i < group.Parameters.Count; i++)
        {
            using var scope = NewDisposeScope();
            var gradient = divisor is null ? group.Gradients[i] : group.Gradients[i] / divisor;
            var direction = momenta[i].lerp(gradient, 1 - Options.Beta1).sign_();
            if (group.WeightDecay > 0)
            {
                direction.add_(group.Parameters[i], group.WeightDecay);
            }

            group.Parameters[i].add_(direction, -learningRate);
            momenta[i].lerp_(gradient, 1 - Options.Beta2OrDefault);
        }
    }
}
