using static TorchSharp.torch;

namespace Sightline.Training;

/// <summary>RMSprop in PyTorch's form, epsilon outside the root; LibTorch has no fused kernel for it.</summary>
/// <remarks>Tieleman and Hinton 2012, lecture 6.5; torch/optim/rmsprop.py; defaults of torchvision's references/classification (eps 0.0316, alpha 0.9).</remarks>
internal sealed class RmsPropOptimizer(nn.Module model, OptimizerOptions options, IReadOnlyList<ParameterGroup>? groups = null)
    : ParameterOptimizer(model, options, groups, fused: false)
{
    protected override IReadOnlyList<string> Slots => Options.Momentum > 0 ? ["square", "momentum"] : ["square"];

    protected override void Update(ActiveGroup group, double learningRate, Tensor? divisor)
    {
        var squares = group.State(0);
        for (var i = 0; i < group.Parameters.Count; i++)
        {
            using var scope = NewDisposeScope();
            var parameter = group.Parameters[i];
            var gradient = divisor is null ? group.Gradients[i] : group.Gradients[i] / divisor;
            gradient = group.WeightDecay > 0 ? gradient.add(parameter, group.WeightDecay) : gradient;
            squares[i].mul_(Options.Alpha).addcmul_(gradient, gradient, 1 - Options.Alpha);
            var root = squares[i].sqrt().add_(Options.EpsilonOrDefault);
            if (Options.Momentum > 0)
            {
                parameter.add_(group.State(1)[i].mul_(Options.Momentum).addcdiv_(gradient, root, 1), -learningRate);
            }
            else
            {
                parameter.addcdiv_(gradient, root, -learningRate);
            }
        }
    }
}
