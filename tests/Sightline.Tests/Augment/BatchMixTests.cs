using System.Text.Json;
using Sightline.Augment;
using Sightline.Data;
using Sightline.Training;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace Sightline.Tests.Augment;

/// <summary>Numbers from torch 1.13 and torchvision 0.14.1's training reference; tests/golden/augment.py.</summary>
public class BatchMixTests
{
    private static readonly JsonElement Expected = AugmentGolden.Policies.GetProperty("mixing");

    [Fact]
    public void Mixup_gives_the_pictures_and_targets_of_torchvision()
    {
        using var scope = NewDisposeScope();
        var mix = new BatchMix(Expected.GetProperty("share").GetDouble(), null);

        var images = BatchMixing.Images(Batch(), mix);
        var targets = BatchMixing.Targets(tensor(new long[] { 2, 0, 1 }), 3, mix);

        Assert.Equal(Floats("mixup"), images.data<float>().ToArray());
        Assert.Equal(Floats("targets"), targets.data<float>().ToArray());
    }

    [Fact]
    public void Loss_with_soft_targets_and_smoothing_is_that_of_PyTorch()
    {
        using var scope = NewDisposeScope();
        var logits = tensor(Floats("logits")).reshape(3, 3);
        var targets = BatchMixing.Targets(tensor(new long[] { 2, 0, 1 }), 3, new BatchMix(0.3, null));

        var loss = nn.functional.cross_entropy(logits, targets, label_smoothing: 0.1);

        Assert.Equal(Expected.GetProperty("loss").GetSingle(), loss.item<float>(), 1e-6f);
    }

    [Fact]
    public void Cutmix_takes_the_rectangle_from_the_picture_before()
    {
        using var scope = NewDisposeScope();
        var batch = Batch();

        var mixed = BatchMixing.Images(batch, new BatchMix(0.5, new Box(2, 1, 3, 4)));

        for (var n = 0; n < 3; n++)
        {
            for (var y = 0; y < 6; y++)
            {
                for (var x = 0; x < 8; x++)
                {
                    var isCut = x is >= 2 and < 5 && y is >= 1 and < 5;
                    var from = isCut ? (n + 2) % 3 : n;
                    Assert.Equal(batch[from, 1, y, x].item<float>(), mixed[n, 1, y, x].item<float>());
                }
            }
        }
    }

    [Fact]
    public void Of_follows_from_seed_and_step()
    {
        var options = new AugmentOptions { MixupAlpha = 0.2, CutmixAlpha = 1 };

        var mixes = Enumerable.Range(0, 400).Select(step => BatchMix.Of(options, 7, step, 32)!.Value).ToList();

        Assert.Equal(mixes, Enumerable.Range(0, 400).Select(step => BatchMix.Of(options, 7, step, 32)!.Value));
        Assert.NotEqual(mixes, Enumerable.Range(0, 400).Select(step => BatchMix.Of(options, 8, step, 32)!.Value));
        Assert.InRange(mixes.Count(mix => mix.Cut is not null), 160, 240);
        Assert.All(mixes, mix => Assert.InRange(mix.Share, 0, 1));
    }

    [Fact]
    public void Of_cut_share_is_what_the_rectangle_leaves()
    {
        foreach (var step in Enumerable.Range(0, 200))
        {
            var mix = BatchMix.Of(new AugmentOptions { CutmixAlpha = 1 }, 1, step, 28)!.Value;

            var cut = mix.Cut!.Value;
            Assert.Equal(1 - (cut.Width * cut.Height / 784.0), mix.Share, 12);
            Assert.True(cut.X >= 0 && cut.Y >= 0 && cut.X + cut.Width <= 28 && cut.Y + cut.Height <= 28);
        }
    }

    [Fact]
    public void Of_without_alphas_is_nothing() => Assert.Null(BatchMix.Of(new AugmentOptions(), 1, 1, 28));

    [Theory]
    [InlineData(0.2)]
    [InlineData(1)]
    [InlineData(3)]
    public void Beta_has_the_mean_and_variance_of_its_distribution(double alpha)
    {
        var random = new RandomStream(11);
        var values = Enumerable.Range(0, 40_000).Select(_ => RandomDistributions.Beta(alpha, ref random)).ToList();

        // Variance of Beta(a, a): 1 / (4 (2a + 1)); with 40,000 draws both means err by less than 0.01.
        Assert.Equal(0.5, values.Average(), 0.01);
        Assert.Equal(1 / (4 * ((2 * alpha) + 1)), values.Average(value => Math.Pow(value - 0.5, 2)), 0.01);
    }

    [Fact]
    public void Meter_counts_a_mixed_hit_by_its_share()
    {
        using var meter = new TrainingMeter(CPU);
        using var scope = NewDisposeScope();
        var labels = tensor(new long[] { 0, 1, 2 });
        // Predicted: 0 (own), 0 (the neighbour's), 0 (neither's: 2 and 1).
        var logits = tensor(new float[] { 1, 0, 0, 1, 0, 0, 1, 0, 0 }).reshape(3, 3);

        meter.Add(tensor(1f), logits, labels, 0.75);

        Assert.Equal((0.75 + 0.25) / 3, meter.Read().Accuracy, 12);
    }

    private static Tensor Batch() => tensor(Floats("batch")).reshape(3, 3, 6, 8);

    private static float[] Floats(string name) => [.. Expected.GetProperty(name).EnumerateArray().Select(value => value.GetSingle())];
}
