using System.Text.Json;
using Sightline.Augment;
using Xunit;

namespace Sightline.Tests.Augment;

/// <summary>Against the policies of torchvision 0.14.1; tests/golden/augment.py.</summary>
public class PolicyTests
{
    private static readonly Dictionary<string, string> Names = new()
    {
        ["Identity"] = "", ["ShearX"] = "shearX", ["ShearY"] = "shearY", ["TranslateX"] = "translateX", ["TranslateY"] = "translateY", ["Rotate"] = "rotate",
        ["Brightness"] = "brightness", ["Color"] = "saturation", ["Contrast"] = "contrast", ["Sharpness"] = "sharpness", ["Posterize"] = "posterize",
        ["Solarize"] = "solarize", ["AutoContrast"] = "autocontrast", ["Equalize"] = "equalize", ["Invert"] = "invert",
    };

    [Theory]
    [InlineData("trivial")]
    [InlineData("rand")]
    [InlineData("auto")]
    [InlineData("augmix")]
    public void Space_has_the_operators_and_magnitudes_of_torchvision(string policy)
    {
        var expected = AugmentGolden.Policies.GetProperty("spaces").GetProperty(policy).EnumerateArray().ToList();

        var actual = policy switch
        {
            "trivial" => PolicySpaces.Trivial,
            "rand" => PolicySpaces.Rand(32, 24),
            "auto" => PolicySpaces.Auto(32, 24),
            _ => PolicySpaces.Augmix(32, 24),
        };

        Assert.Equal(expected.Select(one => Names[one.GetProperty("operator").GetString()!]), actual.Select(one => one.Operator?.Name ?? ""));
        Assert.Equal(expected.Select(one => one.GetProperty("signed").GetBoolean()), actual.Select(one => one.IsSigned));
        foreach (var (one, own) in expected.Zip(actual))
        {
            var magnitudes = one.GetProperty("magnitudes").EnumerateArray().Select(value => value.GetSingle()).ToArray();
            Assert.Equal(magnitudes.Length, own.Magnitudes.Length);
            foreach (var (theirs, ours) in magnitudes.Zip(own.Magnitudes))
            {
                // torch.linspace fuses multiply and add where the processor can: one unit in the last place.
                Assert.Equal(theirs, ours, Math.Abs(theirs) * 2.4e-7f + 1e-7f);
            }
        }
    }

    [Theory]
    [InlineData("imageNet")]
    [InlineData("cifar10")]
    public void AutoAugment_has_the_pairs_of_torchvision(string policy)
    {
        var expected = AugmentGolden.Policies.GetProperty(policy).EnumerateArray().Select(pair => (Step(pair[0]), Step(pair[1]))).ToList();

        var actual = policy == "imageNet" ? AutoAugmentPairs.ImageNet : AutoAugmentPairs.Cifar10;

        Assert.Equal(expected, actual);
    }

    [Fact]
    public void Trivial_applies_each_operator_as_often()
    {
        var counts = Trace(new AugmentOptions { Policy = AugmentPolicy.Trivial }, 14_000).GroupBy(Name).ToDictionary(group => group.Key, group => group.Count());

        // Binomial with n = 14,000 and p = 1/14: a deviation of 30 is one sigma.
        Assert.Equal(14, counts.Count);
        Assert.All(counts.Values, count => Assert.InRange(count, 850, 1150));
    }

    [Fact]
    public void Rand_applies_as_many_operators_as_set_at_its_magnitude()
    {
        var done = Trace(new AugmentOptions { Policy = AugmentPolicy.Rand, RandOperators = 3, RandMagnitude = 30 }, 100);

        Assert.Equal(300, done.Count);
        Assert.All(done.Where(one => Name(one) == "rotate"), one => Assert.Contains(one, new[] { "rotate 30", "rotate -30" }));
    }

    [Fact]
    public void List_applies_each_operator_with_its_probability_and_below_its_strength()
    {
        var options = new AugmentOptions
        {
            Operators = [new OperatorStep { Operator = "rotate", Probability = 0.25, Strength = 0.1 }, new OperatorStep { Operator = "invert", Probability = 1 }],
        };

        var done = Trace(options, 4000);

        Assert.Equal(4000, done.Count(one => one == "invert"));
        Assert.InRange(done.Count(one => Name(one) == "rotate"), 880, 1120);
        Assert.All(done.Where(one => Name(one) == "rotate"), one => Assert.InRange(Math.Abs(double.Parse(one[7..])), 0, 13.5));
    }

    [Theory]
    [InlineData(AugmentPolicy.Auto)]
    [InlineData(AugmentPolicy.AutoCifar10)]
    [InlineData(AugmentPolicy.Augmix)]
    [InlineData(AugmentPolicy.Trivial)]
    public void Policy_gives_the_same_pixels_for_the_same_seed_and_others_for_another(AugmentPolicy policy)
    {
        var options = new AugmentOptions { Policy = policy, ErasingProbability = 0.5 };

        var first = Enumerable.Range(0, 20).Select(seed => Apply(options, seed)).ToList();
        var again = Enumerable.Range(0, 20).Select(seed => Apply(options, seed)).ToList();

        Assert.Equal(first, again);
        Assert.True(first.Select(Convert.ToHexString).Distinct().Count() > 5);
    }

    [Fact]
    public void Augmix_adds_weighted_levels()
    {
        var levels = Enumerable.Range(0, 100).Select(i => (byte)(i * 2)).ToArray();
        var sum = new float[100];

        AugmixTransform.Add(levels, 0.25f, sum);
        AugmixTransform.Add(levels, 0.5f, sum);

        Assert.Equal(levels.Select(level => (0.25f * level) + (0.5f * level)), sum);
    }

    [Fact]
    public void Policy_allocates_nothing_per_picture()
    {
        var options = new AugmentOptions { Policy = AugmentPolicy.Augmix, Operators = [.. OperatorCatalog.All.Select(known => new OperatorStep { Operator = known.Name, Probability = 1 })] };
        var policy = new PolicyTransform(options, 20, [0.5f, 0.5f, 0.5f]);
        var image = AugmentGolden.Source("square").Pixels;
        var random = new RandomStream(1);
        for (var i = 0; i < 300; i++)
        {
            policy.Apply(image, ref random);
        }

        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 100; i++)
        {
            policy.Apply(image, ref random);
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    private static AutoAugmentStep Step(JsonElement step) =>
        new(Names[step.GetProperty("operator").GetString()!], step.GetProperty("probability").GetDouble(), Math.Max(0, step.GetProperty("bin").GetInt32()));

    private static string Name(string done) => done.Split(' ')[0];

    private static List<string> Trace(AugmentOptions options, int pictures)
    {
        var policy = new PolicyTransform(options, 8, [0.5f, 0.5f, 0.5f]) { Trace = [] };
        var image = new byte[8 * 8 * 3];
        for (var i = 0; i < pictures; i++)
        {
            var random = new RandomStream(Seeds.Mix(1, i));
            policy.Apply(image, ref random);
        }

        return policy.Trace;
    }

    private static byte[] Apply(AugmentOptions options, int seed)
    {
        var image = AugmentGolden.Source("square").Pixels;
        var random = new RandomStream(Seeds.Mix(seed, 0));
        new PolicyTransform(options, 20, [0.5f, 0.5f, 0.5f]).Apply(image, ref random);
        return image;
    }
}
