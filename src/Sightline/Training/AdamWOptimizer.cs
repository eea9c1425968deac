using Sightline.Native;
using static TorchSharp.torch;

namespace Sightline.Training;

/// <summary>AdamW: Adam with weight decay applied to the weight itself.</summary>
/// <remarks>Loshchilov and Hutter 2019, algorithm 2; torch/optim/adamw.py for the place of epsilon.</remarks>
internal sealed class AdamWOptimizer : ParameterOptimizer
{
    public AdamWOptimizer(nn.Module model, OptimizerOptions options, bool? fused = null)
        : base(model, options, fused) => AllocateState();

    protected override IReadOnlyList<string> Slots => ["mean", "square"];

    protected override void Update(ActiveGroup group, double learningRate, Tensor? divisor)
    {
        var means = group.State(0);
        var squares = group.State(1);
        if (IsFused)
        {
            using var step = full([], (float)StepCount, device: group.Parameters[0].device);
            Operators.FusedAdamW(
                group.Parameters, group.Gradients, means, squares, step, learningRate, Options.Beta1, Options.Beta2, group.WeightDecay, Options.Epsilon, divisor);
            return;
        }

        var meanCorrection = 1 - Math.Pow(Options.Beta1, StepCount);
        var squareCorrection = 1 - Math.Pow(Options.Beta2, StepCount);
        for (var i = 0; i < group.Parameters.Count; i++)
        {
            using var scope = NewDisposeScope();
            var parameter = group.Parameters[i];
            var gradient = divisor is null ? group.Gradients[i] : group.Gradients[i] / divisor;
            parameter.mul_(1 - learningRate * group.WeightDecay);
            means[i].lerp_(gradient, 1 - Options.Beta1);
            squares[i].mul_(Options.Beta2).addcmul_(gradient, gradient, 1 - Options.Beta2);
            var denominator = squares[i].sqrt().div_(Math.Sqrt(squareCorrection)).add_(Options.Epsilon);
            parameter.addcdiv_(means[i], denominator, -learningRate / meanCorrection);
        }
    }
}
