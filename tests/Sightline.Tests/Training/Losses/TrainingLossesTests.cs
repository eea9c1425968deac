using System.Text.Json;
using Sightline.Augment;
using Sightline.Training;
using Sightline.Training.Distillation;
using Sightline.Training.Losses;
using Xunit;
using static TorchSharp.torch;

namespace Sightline.Tests.Training.Losses;

/// <summary>Against tests/golden/losses.py: PyTorch 1.13, torchvision 0.14, timm's and the papers' formulas in float64.</summary>
public sealed class TrainingLossesTests
{
    private const int Pictures = 6;
    private const int Classes = 5;

    // float32 sums of some 30 terms against float64; losses are of the order of 1.
    private const double Tolerance = 1e-6;

    private static readonly JsonElement Golden = GoldenJson.Read("losses");
    private static readonly long[] Labels = [0, 1, 2, 3, 4, 2];
    private static readonly long[] Counts = [500, 120, 40, 9, 1];

    public static TheoryData<string> Names => [.. Golden.EnumerateObject().Select(entry => entry.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public void Loss_and_gradient_equal_the_reference_for_hard_and_for_mixed_labels(string name)
    {
        using var scope = NewDisposeScope();
        var expected = Golden.GetProperty(name);

        foreach (var targetName in new[] { "hard", "soft" })
        {
            var logits = Logits().requires_grad_();
            var targets = targetName == "hard" ? tensor(Labels) : BatchMixing.Targets(tensor(Labels), Classes, new BatchMix(0.7, null));
            var loss = Evaluate(name, logits, targets);
            loss.backward();

            AssertClose(expected.GetProperty(targetName).GetDouble(), loss.item<float>());
            var gradient = logits.grad!.data<float>().ToArray(); // backward has just made it.
            var expectedGradient = expected.GetProperty(targetName + "Gradient").Values();
            Assert.Equal(expectedGradient.Length, gradient.Length);
            for (var i = 0; i < gradient.Length; i++)
            {
                AssertClose(expectedGradient[i], gradient[i]);
            }
        }
    }

    [Fact]
    public void All_kinds_are_listed_once() => Assert.Equal(Enum.GetValues<LossKind>(), TrainingLosses.All.Select(loss => loss.Kind));

    [Theory]
    [InlineData(LossKind.CrossEntropy)]
    [InlineData(LossKind.Bce)]
    [InlineData(LossKind.Focal)]
    [InlineData(LossKind.Asymmetric)]
    [InlineData(LossKind.LogitAdjusted)]
    public void Extreme_logits_give_finite_losses_and_gradients(LossKind kind)
    {
        using var scope = NewDisposeScope();
        foreach (var gamma in new[] { 0.5, 2 })
        {
            foreach (var margin in new[] { 0, 0.05 })
            {
                var options = new LossOptions { Kind = kind, FocalGamma = gamma, PositiveGamma = gamma, NegativeGamma = gamma, NegativeMargin = margin };
                using var loss = Create(options, 0);
                var logits = tensor(new float[,] { { 1e4f, -1e4f, 0, 0, 0 }, { -1e4f, 1e4f, -1e4f, 0, 0 }, { 1e20f, 1e20f, -1e20f, 0, 0 } }).requires_grad_();

                var value = loss.Of(logits, tensor(new long[] { 0, 2, 2 }));
                value.backward();

                Assert.True(float.IsFinite(value.item<float>()), $"{kind}, gamma {gamma}, margin {margin}: {value.item<float>()}");
                Assert.True(value.item<float>() > 0);
                Assert.True(logits.grad!.isfinite().all().item<bool>(), $"gradient of {kind}, gamma {gamma}, margin {margin}");
            }
        }
    }

    [Theory]
    [InlineData(LossKind.CrossEntropy)]
    [InlineData(LossKind.Bce)]
    [InlineData(LossKind.Focal)]
    [InlineData(LossKind.Asymmetric)]
    [InlineData(LossKind.LogitAdjusted)]
    public void Parts_of_a_batch_add_up_to_the_whole(LossKind kind)
    {
        using var scope = NewDisposeScope();
        var isWeighted = kind != LossKind.LogitAdjusted;
        var options = new TrainOptions { Loss = new LossOptions { Kind = kind }, BalanceClasses = isWeighted };
        using var loss = TrainingLosses.Create(options, Counts, CPU);
        var (logits, labels) = (Logits(), tensor(Labels));

        var whole = loss.Of(logits, labels).item<float>();
        var parts = new[] { 0..2, 2..6 }.Sum(part =>
        {
            var (first, count) = part.GetOffsetAndLength(Pictures);
            return loss.Of(logits.narrow(0, first, count), labels.narrow(0, first, count)).item<float>() * loss.Divisor(Labels.AsSpan(part), false);
        });

        AssertClose(whole, parts / loss.Divisor(Labels, false));
    }

    [Fact]
    public void Smoothing_follows_the_loss_where_it_is_not_set()
    {
        Assert.Equal(0.1, TrainingLosses.Smoothing(new TrainOptions()));
        Assert.Equal(0, TrainingLosses.Smoothing(new TrainOptions { Loss = new LossOptions { Kind = LossKind.Focal } }));
        Assert.Equal(0.2, TrainingLosses.Smoothing(new TrainOptions { Loss = new LossOptions { Kind = LossKind.Focal }, LabelSmoothing = 0.2 }));
    }

    [Fact]
    public void Values_out_of_range_are_told()
    {
        Assert.Equal(
            ["TargetThreshold is 0.2, and only BCE has one; the loss is Focal. Pass --set loss.kind=bce, or leave the threshold out."],
            new LossOptions { Kind = LossKind.Focal, TargetThreshold = 0.2 }.Check());
        Assert.Equal(
            ["FocalGamma and FocalAlpha are -1 and 1; gamma must be from 0 to 10, alpha above 0 and below 1 or null. Pass --set loss.focalGamma=2 --set loss.focalAlpha=0.25."],
            new LossOptions { FocalGamma = -1, FocalAlpha = 1 }.Check());
        Assert.Single(new LossOptions { NegativeMargin = 1 }.Check());
        Assert.Single(new LossOptions { Tau = double.NaN }.Check());
        Assert.Equal(
            ["BalanceClasses and the logit-adjusted loss correct the same thing twice. Pass --set balanceClasses=false, or --set loss.kind=crossEntropy."],
            new TrainOptions { BalanceClasses = true, Loss = new LossOptions { Kind = LossKind.LogitAdjusted } }.Check());
        Assert.Single(new TrainOptions { LabelSmoothing = 0.5, Loss = new LossOptions { Kind = LossKind.Bce, TargetThreshold = 0.2 } }.Check());
        Assert.Empty(new TrainOptions { Loss = new LossOptions { Kind = LossKind.Bce, TargetThreshold = 0.2 } }.Check());
    }

    private static Tensor Evaluate(string name, Tensor logits, Tensor targets)
    {
        if (name == "distilled")
        {
            var teacher = tensor(Enumerable.Range(0, Pictures * Classes).Select(i => (float)(3 * Math.Cos(0.9 * i))).ToArray()).reshape(Pictures, Classes);
            return Teacher.Blend(teacher, logits, Of(new LossOptions(), 0.1), new DistillOptions { Temperature = 4, Weight = 0.9 });
        }

        var weights = tensor(new[] { 0.5f, 1, 2, 0.25f, 1.5f });
        var (asymmetric, adjusted) = (LossKind.Asymmetric, LossKind.LogitAdjusted);
        return name switch
        {
            "crossEntropy" => Of(new LossOptions(), 0),
            "crossEntropySmoothed" => Of(new LossOptions(), 0.1),
            "crossEntropyWeighted" => Of(new LossOptions(), 0.1, weights),
            "bce" => Of(new LossOptions { Kind = LossKind.Bce }, 0.1),
            "bceMean" => Of(new LossOptions { Kind = LossKind.Bce, SumClasses = false }, 0.1),
            "bceThreshold" => Of(new LossOptions { Kind = LossKind.Bce, TargetThreshold = 0.2 }, 0.1),
            "bceWeighted" => Of(new LossOptions { Kind = LossKind.Bce }, 0, weights),
            "focal" => Of(new LossOptions { Kind = LossKind.Focal }, 0),
            "focalWithoutAlpha" => Of(new LossOptions { Kind = LossKind.Focal, FocalAlpha = null, FocalGamma = 0.5 }, 0),
            "asymmetric" => Of(new LossOptions { Kind = asymmetric }, 0),
            "asymmetricNoMargin" => Of(new LossOptions { Kind = asymmetric, PositiveGamma = 1, NegativeGamma = 2.5, NegativeMargin = 0 }, 0),
            "logitAdjusted" => Of(new LossOptions { Kind = adjusted }, 0),
            "logitAdjustedHalf" => Of(new LossOptions { Kind = adjusted, Tau = 0.5 }, 0.1),
            _ => throw new ArgumentException($"There is no loss for the reference '{name}'."),
        };

        Tensor Of(LossOptions options, double smoothing, Tensor? classWeights = null) => Create(options, smoothing, classWeights).Of(logits, targets);
    }

    private static ITrainingLoss Create(LossOptions options, double smoothing, Tensor? classWeights = null) =>
        TrainingLosses.Find(options.Kind).Create(new LossContext(options, smoothing, Counts, classWeights, CPU));

    private static Tensor Logits() =>
        tensor(Enumerable.Range(0, Pictures * Classes).Select(i => (float)(4 * Math.Sin(1.3 * i))).ToArray()).reshape(Pictures, Classes);

    private static void AssertClose(double expected, double seen) => Assert.Equal(expected, seen, Tolerance * Math.Max(1, Math.Abs(expected)));
}
