using System.Globalization;

namespace Sightline.Augment;

/// <summary>The policy, the free list and the erasing of one picture. One per thread: it keeps its buffers.</summary>
internal sealed class PolicyTransform
{
    private readonly AugmentOptions _options;
    private readonly int _size;
    private readonly IReadOnlyList<PolicyOperator> _space;
    private readonly (ImageOperator Operator, OperatorStep Step)[] _list;
    private readonly OperatorScratch _scratch;
    private readonly AugmixTransform? _augmix;

    /// <summary>Prepares the policy for square pictures of one size.</summary>
    /// <param name="options">Sound values.</param>
    /// <param name="size">Side, pixels.</param>
    /// <param name="mean">The mean colour, 0..1 per channel: what an erased rectangle becomes, so that it is 0 after normalisation.</param>
    public PolicyTransform(AugmentOptions options, int size, IReadOnlyList<float> mean)
    {
        _options = options;
        _size = size;
        _space = options.Policy switch
        {
            AugmentPolicy.Trivial => PolicySpaces.Trivial,
            AugmentPolicy.Rand => PolicySpaces.Rand(size, size),
            AugmentPolicy.Auto or AugmentPolicy.AutoCifar10 => PolicySpaces.Auto(size, size),
            AugmentPolicy.Augmix => PolicySpaces.Augmix(size, size),
            _ => [],
        };
        _list = [.. options.Operators.Select(step => (OperatorCatalog.Find(step.Operator), step))];
        _scratch = new OperatorScratch { Sampling = options.Sampling, Fill = Level(mean) };
        _augmix = options.Policy == AugmentPolicy.Augmix ? new AugmixTransform(options, _space) : null;
    }

    /// <summary>What was done, in words, for people; null keeps no record.</summary>
    public List<string>? Trace { get; set; }

    /// <summary>Changes a picture in place.</summary>
    /// <param name="image">size x size x 3 bytes.</param>
    /// <param name="random">Advanced by this.</param>
    public void Apply(Span<byte> image, ref RandomStream random)
    {
        switch (_options.Policy)
        {
            case AugmentPolicy.Trivial:
                Trivial(image, ref random);
                break;
            case AugmentPolicy.Rand:
                Rand(image, ref random);
                break;
            case AugmentPolicy.Auto:
                Auto(image, AutoAugmentPairs.ImageNet, ref random);
                break;
            case AugmentPolicy.AutoCifar10:
                Auto(image, AutoAugmentPairs.Cifar10, ref random);
                break;
            case AugmentPolicy.Augmix:
                _augmix!.Trace = Trace; // Made for this policy.
                _augmix.Apply(image, _size, ref random);
                break;
        }

        foreach (var (known, step) in _list)
        {
            if (random.NextDouble() < step.Probability)
            {
                var strength = step.Strength * random.NextDouble();
                Run(known, Sign(known.IsSigned, ref random) * known.Magnitude(strength, _size), image, ref random);
            }
        }

        Erase(image, ref random);
    }

    private void Trivial(Span<byte> image, ref RandomStream random)
    {
        var chosen = _space[random.NextInt(_space.Count)];
        var bins = chosen.Magnitudes.Length;
        Run(chosen, bins > 0 ? random.NextInt(bins) : 0, Sign(chosen.IsSigned, ref random), image, ref random);
    }

    private void Rand(Span<byte> image, ref RandomStream random)
    {
        for (var i = 0; i < _options.RandOperators; i++)
        {
            var chosen = _space[random.NextInt(_space.Count)];
            Run(chosen, _options.RandMagnitude, Sign(chosen.IsSigned, ref random), image, ref random);
        }
    }

    private void Auto(Span<byte> image, IReadOnlyList<(AutoAugmentStep First, AutoAugmentStep Second)> pairs, ref RandomStream random)
    {
        var (first, second) = pairs[random.NextInt(pairs.Count)];
        foreach (var step in (ReadOnlySpan<AutoAugmentStep>)[first, second])
        {
            if (random.NextDouble() < step.Probability)
            {
                var chosen = Find(step.Operator);
                Run(chosen, step.Bin, Sign(chosen.IsSigned, ref random), image, ref random);
            }
        }
    }

    private PolicyOperator Find(string name)
    {
        foreach (var known in _space)
        {
            if (known.Operator?.Name == name)
            {
                return known;
            }
        }

        throw new InvalidOperationException($"AutoAugment's space has no operator '{name}'.");
    }

    private void Run(PolicyOperator chosen, int bin, int sign, Span<byte> image, ref RandomStream random)
    {
        if (chosen.Operator is { } known)
        {
            Run(known, chosen.Magnitudes.Length > 0 ? sign * (double)chosen.Magnitudes[bin] : 0, image, ref random);
        }
        else
        {
            Trace?.Add("unchanged");
        }
    }

    private void Run(ImageOperator known, double magnitude, Span<byte> image, ref RandomStream random)
    {
        known.Apply(image, _size, _size, magnitude, _scratch, ref random);
        Trace?.Add(known.Range is null ? known.Name : string.Create(CultureInfo.InvariantCulture, $"{known.Name} {magnitude:0.##}"));
    }

    private void Erase(Span<byte> image, ref RandomStream random)
    {
        if (_options.ErasingProbability > 0 && random.NextDouble() < _options.ErasingProbability
            && RandomErasing.Rectangle(_size, _size, RandomErasing.LeastArea, RandomErasing.MostArea, ref random) is { } box)
        {
            RandomErasing.Fill(image, _size, box, _scratch.Fill);
            Trace?.Add($"erase {box.Width} x {box.Height}");
        }
    }

    private static int Sign(bool isSigned, ref RandomStream random) => isSigned && random.NextInt(2) == 1 ? -1 : 1;

    private static (byte R, byte G, byte B) Level(IReadOnlyList<float> mean) => (Level(mean[0]), Level(mean[1]), Level(mean[2]));

    private static byte Level(float mean) => (byte)Math.Clamp(MathF.Round(mean * 255), 0, 255);
}
