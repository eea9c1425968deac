using System.Text.Json;
using Sightline.Training;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace Sightline.Tests.Training;

[Collection("Alone")]
public sealed class LearningRateFinderTests
{
    public static TheoryData<int> Curves => [0, 1, 2];

    [Theory]
    [MemberData(nameof(Curves))]
    public void Suggestions_equal_fastai(int number)
    {
        var golden = GoldenJson.Read("rate_finder")[number];

        var (valley, steepest) = LearningRateCurve.Suggest(golden.GetProperty("rates").Values(), golden.GetProperty("losses").Values(), 100);

        Assert.Equal(golden.GetProperty("valley").GetDouble(), valley);
        Assert.Equal(golden.GetProperty("steepest").GetDouble(), steepest);
    }

    [Fact]
    public void A_loss_that_never_falls_gives_no_suggestion()
    {
        double[] rates = [.. Enumerable.Range(0, 40).Select(i => Math.Pow(10, (i / 10.0) - 4))];

        Assert.Null(LearningRateCurve.Suggest(rates, [.. rates.Select(rate => 1 + rate)], 40).Valley);
    }

    [Theory]
    [InlineData(OptimizerKind.Sgd)]
    [InlineData(OptimizerKind.AdamW)]
    public void Sweep_leaves_model_optimiser_and_random_state_as_they_were(OptimizerKind kind)
    {
        manual_seed(3);
        using var model = nn.Sequential(nn.Linear(4, 16), nn.BatchNorm1d(16), nn.ReLU(), nn.Dropout(0.5), nn.Linear(16, 3));
        using var optimizer = ParameterOptimizer.Create(model, new OptimizerOptions { Kind = kind });
        using var images = randn(32, 4).DetachFromDisposeScope();
        using var labels = randint(3, 32).DetachFromDisposeScope();
        Step(0.01);
        optimizer.ClearGradients();
        model.eval();
        var before = Everything();
        var live = DisposeScopeManager.Statistics.ThreadTotalLiveCount;

        var swept = LearningRateSweep.Run(model, optimizer, 100, Step, CancellationToken.None);

        Assert.Equal(live, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
        Assert.Equal(before, Everything());
        Assert.Equal(1, optimizer.StepCount);
        Assert.False(model.training);
        Assert.True(swept.Diverged || swept.Rates.Count == 100);
        Assert.Equal(1e-7, swept.Rates[0], 1e-15);
        Assert.Equal(Math.Pow(1e8, 1.0 / 99), swept.Rates[1] / swept.Rates[0], 1e-9);
        Assert.True(swept.Smoothed.Min() < swept.Smoothed[0]);

        double Step(double rate)
        {
            using var scope = NewDisposeScope();
            optimizer.ClearGradients();
            var loss = nn.functional.cross_entropy(model.call(images), labels);
            loss.backward();
            optimizer.Step(rate);
            return loss.item<float>();
        }

        List<byte> Everything()
        {
            using var scope = NewDisposeScope();
            return [.. model.state_dict().Values.Concat(optimizer.State().Select(entry => entry.Tensor)).Append(get_rng_state()).SelectMany(tensor => tensor.bytes.ToArray())];
        }
    }

    [Fact]
    public void Sweep_ends_at_four_times_the_best_smoothed_loss()
    {
        using var model = nn.Sequential(nn.Linear(2, 2));
        using var optimizer = ParameterOptimizer.Create(model, new OptimizerOptions());

        var swept = LearningRateSweep.Run(model, optimizer, 100, rate => rate < 0.01 ? 1 : 1000, CancellationToken.None);

        Assert.True(swept.Diverged);
        Assert.True(swept.Rates[^1] is >= 0.01 and < 0.02);
        Assert.True(swept.Smoothed[^1] > 4 && swept.Smoothed[^2] <= 4);
    }

    [Fact]
    public void Page_shows_the_curve_and_the_suggestion()
    {
        double[] rates = [.. Enumerable.Range(0, 100).Select(i => 1e-7 * Math.Pow(1e8, i / 99.0))];
        double[] losses = [.. rates.Select(rate => 2 - Math.Min(1.5, rate * 100) + (rate > 1 ? rate : 0))];
        var (valley, steepest) = LearningRateCurve.Suggest(rates, losses, 100);
        var curve = new LearningRateCurve
        {
            Model = "resnet18", Rates = rates, Losses = losses, Smoothed = losses, Valley = valley, Steepest = steepest, Diverged = true,
        };

        var html = LearningRatePage.Html(curve, DateTimeOffset.UnixEpoch);

        Assert.Contains($"Use {LearningRatePage.Rate(valley!.Value)} as the peak learning rate", html);
        Assert.Contains("<svg class=\"plot\"", html);
        Assert.Contains(">1e-4</text>", html);
        Assert.Equal(curve.Rates, JsonSerializer.Deserialize<LearningRateCurve>(JsonSerializer.Serialize(curve, SightlineJson.Indented), SightlineJson.Indented)!.Rates);
    }
}
