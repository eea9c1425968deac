using Sightline.Native;
using static TorchSharp.torch;

namespace Sightline.Training;

/// <summary>Adam, with weight decay as a part of the gradient; and AdamW, which applies it to the weight itself.</summary>
/// <remarks>Kingma and Ba 2015, algorithm 1; Loshchilov and Hutter 2019, algorithm 2; torch/optim/adam.py for the place of epsilon.</remarks>
internal sealed class AdamOptimizer(nn.Module model, OptimizerOptions options, IReadOnlyList<ParameterGroup>? groups = null, bool? fused = null)
    : ParameterOptimizer(model, options, groups, fused)
{
    protected override IReadOnlyList<string> Slots => ["mean", "square"];

    protected override void Update(ActiveGroup group, double learningRate, Tensor? divisor)
    {
        var isDecoupled = Options.Kind == OptimizerKind.AdamW;
        var (beta1, beta2, epsilon) = (Options.Beta1, Options.Beta2OrDefault, Options.EpsilonOrDefault);
        var means = group.State(0);
        var squares = group.State(1);
        if (IsFused)
        {
            using var step = full([], (float)group.StepCount, device: group.Parameters[0].device);
            Operators.FusedAdam(
                isDecoupled, group.Parameters, group.Gradients, means, squares, step, learningRate, beta1, beta2, group.WeightDecay, epsilon, divisor);
            return;
        }

        var meanCorrection = 1 - Math.Pow(beta1, group.StepCount);
        var squareCorrection = 1 - Math.Pow(beta2, group.StepCount);
        for (var i = 0; i < group.Parameters.Count; i++)
        {
            using var scope = NewDisposeScope();
            var parameter = group.Parameters[i];
            var gradient = divisor is null ? group.Gradients[i] : group.Gradients[i] / divisor;
            if (isDecoupled)
            {
                parameter.mul_(1 - learningRate * group.WeightDecay);
            }
            else if (group.WeightDecay > 0)
            {
                gradient = gradient.add(parameter, group.WeightDecay);
            }

            means[i].lerp_(gradient, 1 - beta1);
            squares[i].mul_(beta2).addcmul_(gradient, gradient, 1 - beta2);
            var denominator = squares[i].sqrt().div_(Math.Sqrt(squareCorrection)).add_(epsilon);
            parameter.addcdiv_(means[i], denominator, -learningRate / meanCorrection);
        }
    }
}
