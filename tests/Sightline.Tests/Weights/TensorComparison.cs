using static TorchSharp.torch;

namespace Sightline.Tests.Weights;

internal static class TensorComparison
{
    /// <summary>The same shape and exactly the same values; TorchSharp's own <c>equal</c> compares element by element, with broadcasting.</summary>
    public static bool HasValuesOf(this Tensor actual, Tensor expected)
    {
        using var scope = NewDisposeScope();
        return actual.shape.SequenceEqual(expected.shape) && actual.eq(expected).all().item<bool>();
    }
}
