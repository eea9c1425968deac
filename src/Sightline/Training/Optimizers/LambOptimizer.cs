using System.Numerics;
using System.Runtime.CompilerServices;
using static TorchSharp.torch;

namespace Sightline.Training;

/// <summary>LAMB: Adam's direction, its length in each layer set by the norm of the layer's weights.</summary>
/// <remarks>
/// You et al. 2020, algorithm 2, with the norm itself as its function phi. Vectors (norms, biases) take Adam's length, as in the authors'
/// own code: a bias that starts at zero would never move.
/// </remarks>
internal sealed class LambOptimizer(nn.Module model, OptimizerOptions options, IReadOnlyList<ParameterGroup>? groups = null, bool? fused = null)
    : ParameterOptimizer(model, options, groups, fused ?? true)
{
    protected override IReadOnlyList<string> Slots => ["mean", "square"];

    protected override void Update(ActiveGroup group, double learningRate, Tensor? divisor)
    {
        var (beta1, beta2) = (Options.Beta1, Options.Beta2OrDefault);
        var means = group.State(0);
        var squares = group.State(1);
        var meanCorrection = 1 - Math.Pow(beta1, group.StepCount);
        var squareCorrection = 1 - Math.Pow(beta2, group.StepCount);
        if (IsFused && FlatUpdate.Of(group, means, squares) is { } flat)
        {
            Run(flat, group, new Direction(
                (float)(1 / meanCorrection), (float)(1 / squareCorrection), (float)Options.EpsilonOrDefault, (float)group.WeightDecay),
                learningRate, divisor?.item<float>() ?? 1);
            return;
        }

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

    // The direction is worked out twice rather than kept: that would be a third state as large as the weights.
    private void Run(FlatUpdate flat, ActiveGroup group, Direction direction, double learningRate, float divisor)
    {
        var lengths = new double[group.Parameters.Count];
        var needed = new double[group.Parameters.Count];
        var first = new Measure(
            direction, (float)(1 - Options.Beta1), (float)Options.Beta2OrDefault, (float)(1 - Options.Beta2OrDefault), divisor);
        foreach (var (parameter, sums) in flat.Run(_ => first))
        {
            lengths[parameter] += Vector.Sum(sums.Length);
            needed[parameter] += Vector.Sum(sums.Needed);
        }

        flat.Run(i => new Move(
            direction, (float)(learningRate * (!group.IsVectors && lengths[i] > 0 && needed[i] > 0 ? Math.Sqrt(lengths[i] / needed[i]) : 1))));
    }

    private readonly struct Direction(float meanFactor, float squareFactor, float epsilon, float decay)
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public Vector<float> Of(Vector<float> parameter, Vector<float> mean, Vector<float> square) =>
            (meanFactor * mean / (Vector.SquareRoot(squareFactor * square) + new Vector<float>(epsilon))) + (decay * parameter);
    }

    // The small shares are differences of doubles: 1 - 0.999f is wrong in the fifth digit.
    private struct Measure(Direction direction, float meanShare, float beta2, float squareShare, float divisor) : IElementUpdate
    {
        public Vector<float> Length;
        public Vector<float> Needed;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void Apply(ref Vector<float> parameter, Vector<float> gradient, ref Vector<float> first, ref Vector<float> second)
        {
            gradient /= divisor;
            first += meanShare * (gradient - first);
            second = (beta2 * second) + (squareShare * gradient * gradient);
            var step = direction.Of(parameter, first, second);
            Length += parameter * parameter;
            Needed += step * step;
        }
    }

    private readonly struct Move(Direction direction, float rate) : IElementUpdate
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void Apply(ref Vector<float> parameter, Vector<float> gradient, ref Vector<float> first, ref Vector<float> second) =>
            parameter -= rate * direction.Of(parameter, first, second);
    }
}
