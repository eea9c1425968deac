using Sightline.Native;
using Sightline.Training;
using TorchSharp;
using Xunit;
using BatchNorm1d = TorchSharp.Modules.BatchNorm1d;
using static TorchSharp.torch;

namespace Sightline.Tests.Training;

/// <summary>EMA against timm's formula, SWA against PyTorch 1.13 (tests/golden/training.py), on the 12 figures of a norm layer of 3 channels.</summary>
public sealed class WeightAverageTests
{
    private static readonly AveragingOptions Ema = new() { Kind = AveragingKind.Ema, Decay = 0.95, WarmupGamma = 2 };
    private static readonly AveragingOptions Swa = new() { Kind = AveragingKind.Swa };

    [Theory]
    [InlineData("movingAverage", true)]
    [InlineData("movingAverage", false)]
    [InlineData("stochasticAverage", true)]
    [InlineData("stochasticAverage", false)]
    public void The_average_equals_the_reference(string name, bool fused)
    {
        Assert.SkipUnless(!fused || Operators.IsAvailable, "This LibTorch does not export its dispatcher.");
        using var scope = NewDisposeScope();
        using var norm = Norm();
        using var average = WeightAverage.Create(norm, name == "movingAverage" ? Ema : Swa, epochs: 20, stepsPerEpoch: 5, fused)!; // Not of kind none.

        Take(norm, average, 1, 100);

        var seen = Averaged(norm, average);
        foreach (var (value, i) in TrainingGolden.Values(name).Select((value, i) => (value, i)))
        {
            Assert.Equal(value, seen[i], 1e-6);
        }
    }

    [Fact]
    public void Use_gives_the_weights_back_bit_by_bit_and_counters_are_copied()
    {
        using var scope = NewDisposeScope();
        using var norm = Norm();
        using var average = WeightAverage.Create(norm, Ema, 20, 5)!; // Not of kind none.
        Take(norm, average, 1, 10);
        var own = Figures(norm);

        using (average.Use())
        {
            Assert.NotEqual(own, Figures(norm));
            Assert.Equal(10, norm.state_dict()["num_batches_tracked"].item<long>());
        }

        Assert.Equal(own, Figures(norm));
    }

    [Fact]
    public void Before_its_first_epoch_swa_leaves_the_weights_to_the_model()
    {
        using var scope = NewDisposeScope();
        using var norm = Norm();
        using var average = WeightAverage.Create(norm, Swa, 20, 5)!; // Not of kind none.

        Take(norm, average, 1, 79);

        Assert.Equal(Figures(norm), Averaged(norm, average));
    }

    [Theory]
    [InlineData(AveragingKind.Ema)]
    [InlineData(AveragingKind.Swa)]
    public void A_restored_average_goes_on_to_the_same_bits(AveragingKind kind)
    {
        using var scope = NewDisposeScope();
        using var norm = Norm();
        using var whole = WeightAverage.Create(norm, new AveragingOptions { Kind = kind }, 20, 5)!; // Not of kind none.
        Take(norm, whole, 1, 87);
        using var resumed = WeightAverage.Create(norm, new AveragingOptions { Kind = kind }, 20, 5)!; // Not of kind none.

        resumed.Restore(whole.State().ToDictionary(state => state.Name, state => state.Tensor.clone()));
        Take(norm, whole, 88, 100);
        Take(norm, resumed, 88, 100);

        Assert.Equal(Averaged(norm, whole), Averaged(norm, resumed));
    }

    [Fact]
    public void Without_averaging_there_is_none()
    {
        using var norm = Norm();

        Assert.Null(WeightAverage.Create(norm, new AveragingOptions(), 20, 5));
    }

    [Fact]
    public void Values_out_of_range_are_told() =>
        Assert.Equal(
            [
                "Decay is 1; it must be at least 0 and below 1. Pass --set averaging.decay=0.9998.",
                "WarmupGamma and WarmupPower are 0 and 2; gamma must be above 0, power from 0 to 1. " +
                    "Pass --set averaging.warmupGamma=1 --set averaging.warmupPower=0.75.",
                "StartAt is 1; it must be at least 0 and below 1. Pass --set averaging.startAt=0.75.",
            ],
            new AveragingOptions { Decay = 1, WarmupGamma = 0, WarmupPower = 2, StartAt = 1 }.Check());

    private static BatchNorm1d Norm()
    {
        var norm = nn.BatchNorm1d(3);
        Set(norm, 0);
        return norm;
    }

    private static void Take(BatchNorm1d norm, WeightAverage average, int first, int last)
    {
        for (var step = first; step <= last; step++)
        {
            Set(norm, step);
            average.Update();
        }
    }

    private static void Set(BatchNorm1d norm, int step)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        var state = norm.state_dict();
        foreach (var (name, i) in new[] { "weight", "bias", "running_mean", "running_var" }.Select((name, i) => (name, i)))
        {
            state[name].copy_(tensor(Enumerable.Range(3 * i, 3).Select(k => (float)Math.Sin((0.7 * k) + (0.3 * step))).ToArray()));
        }

        state["num_batches_tracked"].fill_(step);
    }

    private static float[] Averaged(BatchNorm1d norm, WeightAverage average)
    {
        using var use = average.Use();
        return Figures(norm);
    }

    private static float[] Figures(BatchNorm1d norm)
    {
        var state = norm.state_dict();
        return cat([state["weight"].detach(), state["bias"].detach(), state["running_mean"], state["running_var"]]).data<float>().ToArray();
    }
}
