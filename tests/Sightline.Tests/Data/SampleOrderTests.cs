using Sightline.Data;
using Xunit;

namespace Sightline.Tests.Data;

public sealed class SampleOrderTests
{
    // 80, 15 and 5 pictures of three classes, in mixed order.
    private static readonly Example[] Examples = [.. Enumerable.Range(0, 100).Select(i => new Example(i, i % 20 == 0 ? 2 : i % 20 < 4 ? 1 : 0))];

    private static readonly LoaderOptions Options = new() { BatchSize = 10, Shuffle = true, Seed = 3 };

    [Theory]
    [InlineData(0, 34, 33, 33)]
    [InlineData(0.5, 59, 26, 15)]
    [InlineData(1, 80, 15, 5)]
    public void Balanced_draws_each_class_in_proportion_to_a_power_of_its_count(double power, int first, int second, int third)
    {
        var order = SampleOrder.Of(Examples, Options with { Sampling = Sampling.Balanced, SamplingPower = power }, 0);

        Assert.Equal([first, second, third], Enumerable.Range(0, 3).Select(label => order.Count(draw => Examples[draw.Example].Label == label)));
        foreach (var label in Enumerable.Range(0, 3))
        {
            // All pictures of a class equally often, give or take one, each appearance with its own number.
            var counts = Examples.Where(example => example.Label == label).Select(example => order.Count(draw => draw.Example == example.Index)).ToList();
            Assert.True(counts.Max() - counts.Min() <= 1);
        }

        Assert.Equal(order.Length, order.Distinct().Count());
    }

    [Fact]
    public void Balanced_follows_from_seed_and_epoch_and_shows_other_pictures_in_other_epochs()
    {
        var options = Options with { Sampling = Sampling.Balanced };

        var order = SampleOrder.Of(Examples, options, 4);

        Assert.Equal(order, SampleOrder.Of(Examples, options, 4));
        Assert.NotEqual(order.Select(draw => draw.Example).Order(), SampleOrder.Of(Examples, options, 5).Select(draw => draw.Example).Order());
    }

    [Fact]
    public void Repeats_fill_each_batch_with_copies_that_never_stand_side_by_side()
    {
        var order = SampleOrder.Of(Examples, Options with { Repeats = 5 }, 0);

        Assert.Equal(Examples.Length, order.Length);
        Assert.Equal(20, order.Select(draw => draw.Example).Distinct().Count());
        foreach (var batch in order.Chunk(10))
        {
            Assert.All(batch.GroupBy(draw => draw.Example), group => Assert.Equal([0, 1, 2, 3, 4], group.Select(draw => draw.Copy).Order()));
            Assert.All(batch.Zip(batch.Skip(1)), pair => Assert.NotEqual(pair.First.Example, pair.Second.Example));
        }
    }

    [Fact]
    public void Values_out_of_range_are_told()
    {
        Assert.Equal(
            ["Repeats is 3 and BatchSize 10; repeats must be from 1 to 64 and divide the batch. Pass --set repeats=1."], (Options with { Repeats = 3 }).Check());
        Assert.Equal(["SamplingPower is 2; it must be from 0 to 1. Pass --set samplingPower=0.5."], (Options with { SamplingPower = 2 }).Check());
    }
}
