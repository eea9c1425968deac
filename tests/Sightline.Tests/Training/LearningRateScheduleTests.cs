using Xunit;
using Sightline.Training;

namespace Sightline.Tests.Training;

public sealed class LearningRateScheduleTests
{
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
}
