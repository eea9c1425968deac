using System.Text;
using TorchSharp;
using static TorchSharp.torch;

namespace Sightline.Tests.Models;

/// <summary>Weights as a function of key and element number: the same formula as in tests/golden/models.py.</summary>
internal static class FormulaWeights
{
    public static void Fill(nn.Module module)
    {
        using var noGrad = no_grad();
        using var scope = NewDisposeScope();
        foreach (var (key, value) in module.state_dict())
        {
            value.copy_(Make(key, value.shape));
        }
    }

    public static Tensor Make(string key, long[] shape)
    {
        if (key.EndsWith("num_batches_tracked", StringComparison.Ordinal))
        {
            return torch.tensor(7L);
        }

        var values = Uniform(key, shape.Aggregate(1L, (a, b) => a * b));
        var (centre, width) = key switch
        {
            _ when key.EndsWith("layer_scale", StringComparison.Ordinal) => (0.5, 0.25),
            _ when key.EndsWith("running_mean", StringComparison.Ordinal) || key.EndsWith("bias", StringComparison.Ordinal) => (0.0, 0.1),
            _ when key.EndsWith("running_var", StringComparison.Ordinal) => (1.0, 0.5),
            _ when shape.Length >= 2 => (0.0, Math.Sqrt(3.0 / shape.Skip(1).Aggregate(1L, (a, b) => a * b))),
            _ => (1.0, 0.25),
        };
        return torch.tensor(values.Select(u => (float)(centre + (width * u))).ToArray(), shape);
    }

    /// <summary>Values in [-1, 1): the top 24 bits of a 32-bit mix (MurmurHash3's finaliser) of the key's FNV-1a hash and the number.</summary>
    public static double[] Uniform(string key, long count)
    {
        var seed = 2166136261;
        foreach (var part in Encoding.UTF8.GetBytes(key))
        {
            seed = (seed ^ part) * 16777619;
        }

        var values = new double[count];
        for (var i = 0; i < values.Length; i++)
        {
            var h = ((uint)i * 0x9E3779B9) + seed;
            h ^= h >> 16;
            h *= 0x85EBCA6B;
            h ^= h >> 13;
            h *= 0xC2B2AE35;
            h ^= h >> 16;
            values[i] = ((h >> 8) / (double)(1 << 23)) - 1;
        }

        return values;
    }
}
