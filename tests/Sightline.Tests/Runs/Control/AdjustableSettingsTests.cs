using Sightline.Runs;
using Sightline.Training;
using Xunit;

namespace Sightline.Tests.Runs.Control;

public sealed class AdjustableSettingsTests
{
    private static readonly TrainOptions Options = new() { Epochs = 10 };

    [Theory]
    [InlineData("learningRateScale=0.0001", null)]
    [InlineData("learningRateScale=0.00009", "learningRateScale is 9E-05; it must be from 0.0001 to 10000.")]
    [InlineData("learningRateScale=10001", "learningRateScale is 10001;")]
    [InlineData("epochs=4", null)]
    [InlineData("epochs=3", "epochs is 3; the run is in epoch 4, so it must be from 4 to 10000.")]
    [InlineData("epochs=10001", "Epochs is 10001; it must be from 1 to 10000.")]
    [InlineData("optimizer.learningRate=0", "LearningRate is 0;")]
    [InlineData("optimizer.learningRate=0.01", null)]
    [InlineData("memory.microBatch=0", "MicroBatch is 0;")]
    [InlineData("memory.microBatch=1", null)]
    [InlineData("checkpointSteps=-1", "EarlyStopEpochs and CheckpointSteps are 0 and -1;")]
    [InlineData("earlyStopEpochs=0", null)]
    [InlineData("optimizer.learningRate=0.1 learningRateScale=2", "both set the rate")]
    [InlineData("", "Nothing to adjust was named.")]
    public void Values_are_checked_at_both_sides_of_their_ranges(string pairs, string? expected)
    {
        var settings = AdjustableSettings.Parse(pairs.Split(' ', StringSplitOptions.RemoveEmptyEntries));

        var problems = string.Join(' ', settings.Check(Options, epoch: 4));

        if (expected is null)
        {
            Assert.Empty(problems);
        }
        else
        {
            Assert.Contains(expected, problems);
        }
    }

    [Theory]
    [InlineData("learningRate=1", "'learningRate' cannot be adjusted while a run runs. Did you mean 'optimizer.learningRate'")]
    [InlineData("batchSize=1", "These can: optimizer.learningRate, learningRateScale, epochs,")]
    [InlineData("epochs=many", "epochs is many; it must be a whole number.")]
    [InlineData("learningRateScale=half", "learningRateScale is half; it must be a number.")]
    [InlineData("epochs", "--set takes KEY=VALUE")]
    public void Pairs_that_cannot_be_read_are_explained(string pair, string expected) =>
        Assert.Contains(expected, Assert.Throws<SettingsException>(() => AdjustableSettings.Parse([pair])).Message);

    [Fact]
    public void Changes_add_up_in_their_order()
    {
        RunAdjustment Of(string pair, long step) =>
            new() { Id = pair, At = DateTimeOffset.UnixEpoch, By = "a@b", Step = step, Settings = AdjustableSettings.Parse([pair]) };
        using var sample = new RunSample();

        sample.Run.Write([Of("learningRateScale=0.5", 3), Of("optimizer.learningRate=0.4", 5), Of("learningRateScale=0.25", 9), Of("epochs=12", 9)]);

        var adjusted = RunFolder.Open(sample.Run.Path).Settings.Adjusted;
        Assert.Equal((0.1, 12), (adjusted.Optimizer.LearningRate, adjusted.Epochs));
    }
}
