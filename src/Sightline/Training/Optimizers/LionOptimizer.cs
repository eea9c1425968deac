using System.Numerics;
using System.Runtime.CompilerServices;
using static TorchSharp.torch;

namespace Sightline.Training;

/// <summary>Lion: every weight moves by the same length, in the direction of a mixture of gradient and momentum.</summary>
/// <remarks>Chen et al. 2023, algorithm 2.</remarks>
internal sealed class LionOptimizer(nn.Module model, OptimizerOptions options, IReadOnlyList<ParameterGroup>? groups = null, bool? fused = null)
    : ParameterOptimizer(model, options, groups, fused ?? true)
{
    protected override IReadOnlyList<string> Slots => ["momentum"];

    protected override void Update(ActiveGroup group, double learningRate, Tensor? divisor)
    {
        var momenta = group.State(0);
        if (IsFused && FlatUpdate.Of(group, momenta) is { } flat)
        {
            var kernel = new Kernel(
                (float)learningRate, (float)(1 - Options.Beta1), (float)(1 - Options.Beta2OrDefault), (float)group.WeightDecay, divisor?.item<float>() ?? 1);
            flat.Run(_ => kernel);
            return;
        }

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

    private readonly struct Kernel(float rate, float share1, float share2, float decay, float divisor) : IElementUpdate
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void Apply(ref Vector<float> parameter, Vector<float> gradient, ref Vector<float> first, ref Vector<float> second)
        {
            gradient /= divisor;
            var mixed = first + (share1 * (gradient - first));
            var zero = Vector<float>.Zero;
            var sign = Vector.ConditionalSelect(
                Vector.GreaterThan(mixed, zero), Vector<float>.One, Vector.ConditionalSelect(Vector.LessThan(mixed, zero), -Vector<float>.One, zero));
            parameter -= rate * (sign + (decay * parameter));
            first += share2 * (gradient - first);
        }
    }
}
