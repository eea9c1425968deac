using Sightline.Search;
using Sightline.Training;
using Sightline.Tuning;
using Xunit;

namespace Sightline.Tests.Search;

public sealed class MemoryFilterTests
{
    [Fact]
    public void What_does_not_fit_is_divided_first_and_refused_only_then()
    {
        using var tiny = new TinyTrainingData();
        var recipe = new TrainOptions { Model = "resnet18", Size = 224, BatchSize = 64, Precision = Precision.Fp32 };
        var whole = new MemoryFilter(recipe, tiny.Data, null).Fit(recipe)!.Value;
        var half = new MemoryFilter(recipe, tiny.Data, (long)(0.8 * whole.PlannedBytes)).Fit(recipe)!.Value;

        Assert.Null(whole.Options.Memory.MicroBatch);
        Assert.True(half.PlannedBytes <= 0.8 * whole.PlannedBytes);
        Assert.True(half.Options.Memory.MicroBatch < 64 || half.Options.Memory.Allocator == AllocatorKind.Compact);
        Assert.Equal(64, half.Options.BatchSize);
        Assert.Null(new MemoryFilter(recipe, tiny.Data, 1_000_000).Fit(recipe));
    }

    [Fact]
    public void Only_sound_configurations_that_fit_are_allowed()
    {
        using var tiny = new TinyTrainingData();
        var recipe = new TrainOptions { Model = "resnet10_small", BatchSize = 8 };

        Assert.True(new MemoryFilter(recipe, tiny.Data, null).Allows(Configuration.Of(("batchSize", 16))));
        Assert.False(new MemoryFilter(recipe, tiny.Data, null).Allows(Configuration.Of(("optimizer.learningRate", 99))));
        Assert.False(new MemoryFilter(recipe, tiny.Data, 1_000_000).Allows(Configuration.Of(("batchSize", 16))));
    }

    [Fact]
    public void The_95th_percentile_of_what_trials_used_corrects_the_plan()
    {
        var correction = new MemoryCorrection();
        for (var i = 1; i <= 4; i++)
        {
            correction.Observe(100, 200);
        }

        Assert.Equal(1, correction.Factor);
        for (var i = 0; i < 36; i++)
        {
            correction.Observe(100, i == 0 ? 300 : 110);
        }

        // 40 observations: the 38th in order is 2.
        Assert.Equal(2, correction.Factor);
    }

    [Fact]
    public void A_trial_that_ran_out_of_memory_is_not_tried_again()
    {
        var correction = new MemoryCorrection();

        correction.ObserveOutOfMemory(plannedBytes: 800, limitBytes: 1000);

        Assert.True(800 * correction.Factor > 1000);
        Assert.True(700 * correction.Factor < 1000);
    }
}
