using System.Text.RegularExpressions;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Sightline.Weights;

/// <summary>A file's tensors under the keys of a model: torchvision's of today, whatever the file calls them.</summary>
internal static partial class Translation
{
    /// <summary>Translates; keys that have no counterpart stay as they are, and the loader reports them.</summary>
    /// <param name="module">The model.</param>
    /// <param name="weights">The file.</param>
    /// <returns>Tensors of the file, and new ones of the current scope where a shape or value had to change.</returns>
    /// <exception cref="WeightsException">The weights are of a <c>tf_</c> model, which computes otherwise.</exception>
    public static Dictionary<string, Tensor> Of(nn.Module module, TensorSet weights)
    {
        var state = module.state_dict();
        return TimmKeys.Recognises(weights.Tensors.Keys) && TimmKeys.Map(state) is { } map
            ? FromTimm(module, weights, map, state)
            : FromTorchvision(weights.Tensors, state);
    }

    private static Dictionary<string, Tensor> FromTorchvision(IReadOnlyDictionary<string, Tensor> tensors, Dictionary<string, Tensor> state)
    {
        var result = new Dictionary<string, Tensor>();
        foreach (var (key, tensor) in tensors)
        {
            var joined = state.ContainsKey(key) ? key : OldDenseNetKey().Replace(key, "$1$2");
            if (!state.ContainsKey(joined) || !result.TryAdd(joined, tensor))
            {
                result[key] = tensor; // Reported as unexpected.
            }
        }

        return result;
    }

    private static Dictionary<string, Tensor> FromTimm(nn.Module module, TensorSet weights, Dictionary<string, string> map, Dictionary<string, Tensor> state)
    {
        if (TimmKeys.TensorFlowName(weights.Path, weights.Architecture) is { } name)
        {
            throw new WeightsException(
                $"'{weights.Path}' holds weights of '{name}': timm's tf_ models pad as TensorFlow does and are not interchangeable with the plain ones; " +
                $"nothing was loaded. Take the weights of '{name[3..]}' without tf_, or published ones of 'sightline model list'.");
        }

        var shifts = Shifts(module);
        var result = new Dictionary<string, Tensor>();
        foreach (var (key, tensor) in weights.Tensors)
        {
            if (!map.TryGetValue(key, out var ours))
            {
                result[key] = tensor; // Reported as unexpected.
                continue;
            }

            var target = state[ours];
            // A 1x1 convolution is a linear layer, and ConvNeXt's scale is a vector there.
            var shaped = tensor.dim() != target.dim() && tensor.shape.Where(side => side != 1).SequenceEqual(target.shape.Where(side => side != 1))
                ? tensor.reshape(target.shape)
                : tensor;
            result[ours] = shifts.TryGetValue(ours, out var shift) ? shaped + shift : shaped;
        }

        return result;
    }

    // sqrt(variance + theirs) = sqrt((variance + theirs - ours) + ours)
    private static Dictionary<string, double> Shifts(nn.Module module) => module.named_modules()
        .Where(child => child.module is BatchNorm2d norm && Math.Abs(norm.eps - TimmKeys.NormEpsilon) > 1e-9)
        .ToDictionary(child => child.name + ".running_var", child => TimmKeys.NormEpsilon - ((BatchNorm2d)child.module).eps);

    [GeneratedRegex(@"^(.*denselayer\d+\.(?:norm|relu|conv))\.((?:[12])\.(?:weight|bias|running_mean|running_var))$")]
    private static partial Regex OldDenseNetKey();
}
