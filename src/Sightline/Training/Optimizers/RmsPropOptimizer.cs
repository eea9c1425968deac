using System.Numerics;
using System.Runtime.CompilerServices;
using static TorchSharp.torch;

namespace Sightline.Training;

/// <summary>RMSprop in PyTorch's form, epsilon outside the root.</summary>
/// <remarks>Tieleman and Hinton 2012, lecture 6.5; torch/optim/rmsprop.py; defaults of torchvision's references/classification (eps 0.0316, alpha 0.9).</remarks>
internal sealed class RmsPropOptimizer(nn.Module model, OptimizerOptions options, IReadOnlyList<ParameterGroup>? groups = null, bool? fused = null)
    : ParameterOptimizer(model, options, groups, fused ?? true)
{
    protected override IReadOnlyList<string> Slots => Options.Momentum > 0 ? ["square", "momentum"] : ["square"];

    protected override void Update(ActiveGroup group, double learningRate, Tensor? divisor)
    {
        var states = Enumerable.Range(0, Slots.Count).Select(group.State).ToArray();
        if (IsFused && FlatUpdate.Of(group, states) is { } flat)
        {
            var kernel = new Kernel(
                (float)learningRate, (float)Options.Alpha, (float)(1 - Options.Alpha), (float)Options.EpsilonOrDefault, (float)Options.Momentum,
                (float)group.WeightDecay, divisor?.item<float>() ?? 1);
            flat.Run(_ => kernel);
            return;
        }

        for (var i = 0; i < group.Parameters.Count; i++)
        {
            using var scope = NewDisposeScope();
            var parameter = group.Parameters[i];
            var gradient = divisor is null ? group.Gradients[i] : group.Gradients[i] / divisor;
            gradient = group.WeightDecay > 0 ? gradient.add(parameter, group.WeightDecay) : gradient;
            states[0][i].mul_(Options.Alpha).addcmul_(gradient, gradient, 1 - Options.Alpha);
            var root = states[0][i].sqrt().add_(Options.EpsilonOrDefault);
            if (Options.Momentum > 0)
            {
                parameter.add_(states[1][i].mul_(Options.Momentum).addcdiv_(gradient, root, 1), -learningRate);
            }
            else
            {
                parameter.addcdiv_(gradient, root, -learningRate);
            }
        }
    }

    private readonly struct Kernel(float rate, float alpha, float share, float epsilon, float momentum, float decay, float divisor)
        : IElementUpdate
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void Apply(ref Vector<float> parameter, Vector<float> gradient, ref Vector<float> first, ref Vector<float> second)
        {
            gradient = (gradient / divisor) + (decay * parameter);
            first = (alpha * first) + (share * gradient * gradient);
            second = (momentum * second) + (gradient / (Vector.SquareRoot(first) + new Vector<float>(epsilon)));
            parameter -= rate * second;
        }
    }
}
