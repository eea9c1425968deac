using System.Globalization;
using System.Numerics;

namespace Sightline.Augment;

/// <summary>AugMix of one picture: chains of operators, mixed with each other and with the picture. One per thread.</summary>
/// <remarks>
/// Hendrycks et al. 2020, algorithm 1; draws and numbers of torchvision 0.14.1's AugMix, which runs its operators on tensors: here they are
/// those of Pillow images, as in the other policies.
/// </remarks>
internal sealed class AugmixTransform(AugmentOptions options, IReadOnlyList<PolicyOperator> space)
{
    private readonly OperatorScratch _scratch = new() { Sampling = AffineSampling.Bilinear };
    private byte[] _chain = [];
    private float[] _sum = [];

    /// <summary>What was done, in words; null keeps no record.</summary>
    public List<string>? Trace { get; set; }

    /// <summary>Changes a picture in place.</summary>
    public void Apply(Span<byte> image, int size, ref RandomStream random)
    {
        if (_chain.Length < image.Length)
        {
            _chain = new byte[image.Length];
            _sum = new float[image.Length];
        }

        Span<double> halves = stackalloc double[2];
        RandomDistributions.Dirichlet(options.AugmixAlpha, halves, ref random);
        Span<double> weights = stackalloc double[options.AugmixWidth];
        RandomDistributions.Dirichlet(options.AugmixAlpha, weights, ref random);

        var sum = _sum.AsSpan(0, image.Length);
        var chain = _chain.AsSpan(0, image.Length);
        sum.Clear();
        Add(image, (float)halves[0], sum);
        for (var i = 0; i < weights.Length; i++)
        {
            image.CopyTo(chain);
            var depth = options.AugmixDepth > 0 ? options.AugmixDepth : 1 + random.NextInt(3);
            for (var step = 0; step < depth; step++)
            {
                Step(chain, size, ref random);
            }

            Add(chain, (float)(weights[i] * halves[1]), sum);
        }

        Trace?.Add(string.Create(CultureInfo.InvariantCulture, $"augmix {1 - halves[0]:P0}"));

        // Cut, not rounded, as torchvision's conversion to bytes does.
        for (var i = 0; i < image.Length; i++)
        {
            image[i] = (byte)Math.Min(255f, sum[i]);
        }
    }

    /// <summary>sum += weight x levels.</summary>
    internal static void Add(ReadOnlySpan<byte> levels, float weight, Span<float> sum)
    {
        var i = 0;
        var width = Vector<byte>.Count;
        var part = Vector<float>.Count;
        for (; i <= levels.Length - width; i += width)
        {
            Vector.Widen(new Vector<byte>(levels[i..]), out var low, out var high);
            Vector.Widen(low, out var a, out var b);
            Vector.Widen(high, out var c, out var d);
            AddPart(a, weight, sum[i..]);
            AddPart(b, weight, sum[(i + part)..]);
            AddPart(c, weight, sum[(i + (2 * part))..]);
            AddPart(d, weight, sum[(i + (3 * part))..]);
        }

        for (; i < levels.Length; i++)
        {
            sum[i] += weight * levels[i];
        }
    }

    private static void AddPart(Vector<uint> levels, float weight, Span<float> sum) =>
        (new Vector<float>(sum) + (Vector.ConvertToSingle(levels.As<uint, int>()) * weight)).CopyTo(sum);

    private void Step(Span<byte> chain, int size, ref RandomStream random)
    {
        var chosen = space[random.NextInt(space.Count)];
        var magnitude = chosen.Magnitudes.Length > 0 ? chosen.Magnitudes[random.NextInt(options.AugmixSeverity)] : 0.0;
        if (chosen.IsSigned && random.NextInt(2) == 1)
        {
            magnitude = -magnitude;
        }

        chosen.Operator!.Apply(chain, size, size, magnitude, _scratch, ref random); // AugMix's space has no empty operator.
    }
}
