using Sightline.Curation;
using Sightline.Data;
using Xunit;
using static Sightline.Tests.Curation.MemoryImages;

namespace Sightline.Tests.Curation;

public sealed class LeakageAccuracyTests
{
    // Seven pictures: two train, one validation, four test.
    private static readonly ImageDataset Data = Dataset(
        ("train/a/0", Scene(1)), ("train/b/1", Scene(2)),
        ("validation/a/2", Scene(3)),
        ("test/a/copy", Scene(1)), ("test/a/4", Scene(4)), ("test/b/5", Scene(5)), ("test/b/6", Scene(6)));

    [Fact]
    public void Of_a_model_that_learnt_the_leaked_picture_by_heart_counts_it_in_one_figure_only()
    {
        var leaked = DatasetCheck.Run(Data, new CheckOptions(), null, CancellationToken.None).LeakedImages();

        // Right on the copy and one more of the test split: 2 of 4 with the copy, 1 of 3 without.
        var lines = LeakageAccuracy.Of(Data, leaked, [true, true, false, true, true, false, false]);

        Assert.Equal(
            [new LeakageAccuracy("validation", 1, 0, 0, 0), new LeakageAccuracy("test", 4, 1, 0.5, 1.0 / 3)],
            lines);
    }

    [Fact]
    public void Of_a_model_that_does_not_know_a_class_has_no_accuracy()
    {
        var lines = LeakageAccuracy.Of(Data, [], [true, true, true, true, true, null, true]);

        Assert.Equal(new LeakageAccuracy("test", 4, 0, null, null), lines[1]);
    }

    [Fact]
    public void Of_a_split_that_leaked_whole_has_no_accuracy_without()
    {
        var lines = LeakageAccuracy.Of(Data, [2], [true, true, true, true, true, true, true]);

        Assert.Equal(new LeakageAccuracy("validation", 1, 1, 1, null), lines[0]);
    }
}
