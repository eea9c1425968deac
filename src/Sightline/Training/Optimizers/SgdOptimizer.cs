using Sightline.Native;
using static TorchSharp.torch;

namespace Sightline.Training;

/// <summary>SGD with momentum, in PyTorch's form: buffer = momentum x buffer + gradient; Nesterov looks one step ahead.</summary>
/// <remarks>Sutskever et al. 2013; torch/optim/sgd.py for the order of decay and momentum.</remarks>
internal sealed class SgdOptimizer(nn.Module model, OptimizerOptions options, IReadOnlyList<ParameterGroup>? groups = null, bool? fused = null)
    : ParameterOptimizer(model, options, groups, fused)
{
    protected override IReadOnlyList<string> Slots => Options.Momentum > 0 ? ["momentum"] : [];

    protected override void Update(ActiveGroup group, double learningRate, Tensor? divisor)
    {
        IReadOnlyList<Tensor> buffers = Options.Momentum > 0 ? group.State(0) : [];
        if (IsFused)
        {
            Operators.FusedSgd(group.Parameters, group.Gradients, buffers, learningRate, Options.Momentum, group.WeightDecay, Options.Nesterov, divisor);
            return;
        }

        for (var i = 0; i < group.Parameters.Count; i++)
        {
            using var scope = NewDisposeScope();
            var parameter = group.Parameters[i];
            var gradient = divisor is null ? group.Gradients[i] : group.Gradients[i] / divisor;
            gradient = group.WeightDecay > 0 ? gradient.add(parameter, group.WeightDecay) : gradient;
            if (Options.Momentum > 0)
            {
                buffers[i].mul_(Options.Momentum).add_(gradient);
                gradient = Options.Nesterov ? gradient.add(buffers[i], Options.Momentum) : buffers[i];
            }

            parameter.add_(gradient, -learningRate);
        }
    }
}
