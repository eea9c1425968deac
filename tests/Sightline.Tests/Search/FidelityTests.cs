using Sightline.Data;
using Sightline.Search;
using Sightline.Tuning;
using Xunit;

namespace Sightline.Tests.Search;

public sealed class FidelityTests
{
    [Fact]
    public void Parts_lie_in_one_another_and_keep_the_shares_of_classes()
    {
        var examples = Enumerable.Range(0, 300).Select(i => new Example(i, i % 3 == 0 ? 0 : 1)).ToList();

        var (small, middle, whole) = (NestedSubset.Of(examples, 0.1, 7), NestedSubset.Of(examples, 0.35, 7), NestedSubset.Of(examples, 1, 7));

        Assert.Subset(middle.ToHashSet(), small.ToHashSet());
        Assert.Equal(examples, whole);
        Assert.Equal((10, 20), (small.Count(example => example.Label == 0), small.Count(example => example.Label == 1)));
        Assert.Equal(small, NestedSubset.Of(examples, 0.1, 7));
        Assert.NotEqual(small, NestedSubset.Of(examples, 0.1, 8));
        Assert.Equal(small.OrderBy(example => example.Index), small);
    }

    [Fact]
    public void Even_the_smallest_part_has_every_class()
    {
        Example[] examples = [new(0, 0), new(1, 1), new(2, 1), new(3, 2)];

        Assert.Equal(3, NestedSubset.Of(examples, 0.01, 1).Select(example => example.Label).Distinct().Count());
    }

    [Fact]
    public void Looks_lie_on_every_rung_within_the_first_epoch_too()
    {
        // 10,000 pictures, 5 epochs: rungs at 4,000, 12,000 and 36,000 pictures.
        var places = Fidelity.Places(Fidelity.Full(5, 10_000), 25);

        Assert.Equal(24, places.Count);
        Assert.Superset(new HashSet<long> { 4_000, 12_000, 36_000 }, places.ToHashSet());
    }

    [Fact]
    public void Short_trainings_see_the_pictures_of_their_rung()
    {
        var stages = Fidelity.Stages(new PrunerOptions(), 10, 50_000);

        Assert.Equal([40_000L, 120_000, 360_000, 500_000], stages.Select(stage => stage.Step));
        Assert.All(stages, stage => Assert.Equal((double)stage.Step, stage.Epochs * stage.Share * 50_000, 2.0));
        Assert.Equal((10, 1.0), (stages[^1].Epochs, stages[^1].Share));
        Assert.True(stages.Zip(stages.Skip(1)).All(pair => pair.First.Epochs <= pair.Second.Epochs));
    }
}
