using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using static TorchSharp.torch;

namespace Sightline.Weights;

/// <summary>One figure that stands for all weights: equal only where every name, type, shape and bit is.</summary>
internal static class WeightsHash
{
    /// <summary>SHA-256 over the tensors in the order of their names; memory layout and device make no difference.</summary>
    /// <param name="weights">A state dictionary.</param>
    /// <returns>Lower-case hexadecimal.</returns>
    public static string Of(IReadOnlyDictionary<string, Tensor> weights)
    {
        using var noGrad = no_grad();
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var (name, tensor) in weights.OrderBy(pair => pair.Key, StringComparer.Ordinal))
        {
            using var scope = NewDisposeScope();
            var shape = string.Join(',', tensor.shape.Select(side => side.ToString(CultureInfo.InvariantCulture)));
            hash.AppendData(Encoding.UTF8.GetBytes($"{name}\n{tensor.dtype}\n{shape}\n"));
            hash.AppendData(tensor.detach().cpu().contiguous().bytes);
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    /// <summary>The same of a weights file.</summary>
    /// <param name="file">A safetensors file.</param>
    public static string Of(string file)
    {
        using var content = Safetensors.Read(file);
        return Of(content.Tensors);
    }
}
