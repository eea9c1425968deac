using static TorchSharp.torch;

namespace Sightline.Training;

/// <summary>Limits gradients before an update: each element, then each unit against its weights, then the norm of all.</summary>
internal static class GradientClipping
{
    // Brock et al. 2021 and timm/utils/agc.py: weights that are still zero may move too; the norm never divides by zero.
    private const double LeastWeightNorm = 1e-3;
    private const double LeastGradientNorm = 1e-6;

    /// <summary>Clips by value and by unit in place, and measures the norm.</summary>
    /// <param name="head">How the names of the classifier's own parameters begin; adaptive clipping leaves them out.</param>
    /// <returns>The norm of the whole gradient as a float32 scalar of the current scope; null when clipping by norm is off.</returns>
    public static Tensor? Clip(IReadOnlyList<ActiveGroup> groups, OptimizerOptions options, string? head)
    {
        var gradients = groups.SelectMany(group => group.Gradients).ToList();
        if (options.ClipValue > 0)
        {
            gradients.ForEach(gradient => gradient.clamp_(-options.ClipValue, options.ClipValue));
        }

        if (options.ClipAdaptive > 0)
        {
            foreach (var (name, parameter, gradient) in groups.SelectMany(group => group.Names.Zip(group.Parameters, group.Gradients)))
            {
                if (head is null || !name.StartsWith(head, StringComparison.Ordinal))
                {
                    ClipUnits(parameter, gradient, options.ClipAdaptive);
                }
            }
        }

        return options.ClipNorm > 0 && gradients.Count > 0 ? Norm(gradients) : null;
    }

    /// <summary>What gradients of this norm are divided by, at least 1. Dividing inside the update saves a pass over all of them.</summary>
    /// <remarks>The 1e-6 is PyTorch's (torch/nn/utils/clip_grad.py).</remarks>
    public static Tensor Divisor(Tensor norm, double limit) => (norm + 1e-6).div_(limit).clamp_(min: 1.0);

    private static void ClipUnits(Tensor parameter, Tensor gradient, double share)
    {
        using var scope = NewDisposeScope();
        var limit = UnitNorms(parameter).clamp_(min: LeastWeightNorm).mul_(share);
        var norm = UnitNorms(gradient);
        gradient.mul_(limit.div_(norm.clamp(min: LeastGradientNorm)).clamp_(max: 1.0));
    }

    // Over all dimensions but the first; of a vector, over all.
    private static Tensor UnitNorms(Tensor tensor) => tensor.dim() <= 1
        ? linalg.vector_norm(tensor, 2)
        : linalg.vector_norm(tensor, 2, Enumerable.Range(1, (int)tensor.dim() - 1).Select(i => (long)i).ToArray(), keepdim: true);

    private static Tensor Norm(IReadOnlyList<Tensor> gradients)
    {
        var norms = gradients.Select(gradient => linalg.vector_norm(gradient, 2)).ToList();
        return linalg.vector_norm(stack(norms), 2);
    }
}
