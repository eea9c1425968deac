using Xunit;
using Sightline.Training;

namespace Sightline.Tests.Training;

public sealed class LearningRateScheduleTests
{
    private static readonly System.Text.Json.JsonElement Golden = GoldenJson.Read("schedules");

    [Theory]
    [InlineData("cosine")]
    [InlineData("oneCycle")]
    [InlineData("step")]
    public void At_equals_PyTorch_at_every_step(string name)
    {
        var options = name switch
        {
            "cosine" => new ScheduleOptions { Kind = ScheduleKind.Cosine, WarmupEpochs = 2, FinalShare = 0.001 },
            "oneCycle" => new ScheduleOptions { Kind = ScheduleKind.OneCycle },
            _ => new ScheduleOptions { Kind = ScheduleKind.Step, WarmupEpochs = 0, Milestones = [0.5, 0.75] },
        };

        var schedule = new LearningRateSchedule(options, peak: 0.4, epochs: 10, stepsPerEpoch: 7);

        var expected = TrainingGolden.Values(name);
        Assert.Equal(70, expected.Length);
        for (var step = 0; step < expected.Length; step++)
        {
            Assert.Equal(expected[step], schedule.At(step), 1e-7);
        }
    }

    [Theory]
    [InlineData("stepEpochs")]
    [InlineData("multiStep")]
    [InlineData("exponential")]
    [InlineData("exponentialWarm")]
    [InlineData("polynomial")]
    [InlineData("linearWarm")]
    public void Other_kinds_equal_PyTorch_at_every_step(string name)
    {
        var cold = new ScheduleOptions { WarmupEpochs = 0 };
        var options = name switch
        {
            "stepEpochs" => cold with { Kind = ScheduleKind.Step, StepEpochs = 3, Decay = 0.3 },
            "multiStep" => cold with { Kind = ScheduleKind.MultiStep, MilestoneEpochs = [2, 5, 8], Decay = 0.2 },
            "exponential" => cold with { Kind = ScheduleKind.Exponential, FinalShare = 0.01 },
            "exponentialWarm" => cold with { Kind = ScheduleKind.Exponential, FinalShare = 0.01, WarmupEpochs = 2 },
            "polynomial" => cold with { Kind = ScheduleKind.Polynomial, FinalShare = 0, Power = 0.9 },
            _ => cold with { Kind = ScheduleKind.Polynomial, FinalShare = 0.05, WarmupEpochs = 2 },
        };

        var schedule = new LearningRateSchedule(options, peak: 0.4, epochs: 10, stepsPerEpoch: 7);

        var expected = Golden.GetProperty(name).Values();
        Assert.Equal(70, expected.Length);
        Assert.All(expected, (rate, step) => Assert.Equal(rate, schedule.At(step), 1e-7));
    }

    [Theory]
    [InlineData("plateau", "plateauFigures")]
    [InlineData("plateauCooldown", "plateauFigures")]
    [InlineData("plateauAccuracy", "plateauAccuracyFigures")]
    public void Plateau_equals_PyTorch_and_follows_from_the_figures_before_the_step(string name, string figures)
    {
        var options = new ScheduleOptions { Kind = ScheduleKind.Plateau, WarmupEpochs = 0, Decay = 0.5, PatienceEpochs = 2, PlateauThreshold = 1e-3, FinalShare = 0.05 };
        options = name switch
        {
            "plateauCooldown" => options with { Decay = 0.1, PatienceEpochs = 1, CooldownEpochs = 3, PlateauThreshold = 1e-4, FinalShare = 0.001 },
            "plateauAccuracy" => options with { PlateauFigure = PlateauFigure.Accuracy },
            _ => options,
        };
        var watched = Golden.GetProperty(figures).Values();

        var schedule = new LearningRateSchedule(options, peak: 0.4, epochs: 30, stepsPerEpoch: 7);

        var expected = Golden.GetProperty(name).Values();
        Assert.Equal(30, expected.Length);
        Assert.True(expected.Distinct().Count() >= 3);
        Assert.All(expected, (rate, epoch) =>
        {
            Assert.Equal(rate, schedule.At((7 * epoch) + 3, watched), 1e-7);
            Assert.Equal(rate, schedule.At((7 * epoch) + 6, watched[..epoch]), 1e-7);
        });
    }

    [Theory]
    [InlineData(OptimizerKind.Sgd, 0.1)]
    [InlineData(OptimizerKind.AdamW, 0.2)]
    public void Peak_is_scaled_from_the_pictures_of_a_step(OptimizerKind kind, double expected)
    {
        var options = new TrainOptions
        {
            BatchSize = 16,
            Accumulation = 4,
            Optimizer = new OptimizerOptions { Kind = kind, LearningRate = 0.4 },
            Schedule = new ScheduleOptions { ReferenceBatch = 256 },
        };

        Assert.Equal(expected, LearningRateSchedule.Peak(options), 1e-12);
        Assert.Equal(0.4, LearningRateSchedule.Peak(options with { Schedule = new ScheduleOptions() }));
    }

    [Fact]
    public void Values_out_of_range_are_told()
    {
        Assert.Equal(["Decay is 1; it must be above 0 and below 1. Pass --set schedule.decay=0.1."], new ScheduleOptions { Decay = 1 }.Check());
        Assert.Equal(
            ["FinalShare is 0, which no exponential reaches. Pass --set schedule.finalShare=0.001."],
            new ScheduleOptions { Kind = ScheduleKind.Exponential, FinalShare = 0 }.Check());
        Assert.Single(new ScheduleOptions { StepEpochs = 0 }.Check());
        Assert.Single(new ScheduleOptions { MilestoneEpochs = [5, 3] }.Check());
        Assert.Single(new ScheduleOptions { Power = double.NaN }.Check());
        Assert.Single(new ScheduleOptions { PatienceEpochs = -1 }.Check());
        Assert.Single(new ScheduleOptions { ReferenceBatch = 0 }.Check());
        Assert.Empty(new ScheduleOptions().Check());
    }
}
