using Sightline.Models;
using Sightline.Training;
using Xunit;

namespace Sightline.Tests.Training.Memory;

public sealed class CheckpointCutsTests
{
    public static TheoryData<string> Names { get; } = [.. ModelCatalog.All.Select(variant => variant.Name)];

    [Fact]
    public void Stages_of_a_residual_network_are_its_resolutions()
    {
        var parts = Parts("resnet50");

        var cuts = CheckpointCuts.Of(parts, Checkpointing.Stages);

        Assert.Equal(["conv1", "layer2.0", "layer3.0", "layer4.0"], cuts.Select(cut => parts[cut].Name));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Every_model_is_cut_and_balanced_cuts_peak_no_higher_than_stages(string name)
    {
        var parts = Parts(name);
        var whole = CheckpointCuts.Peak(parts, [0]);

        var stages = CheckpointCuts.Of(parts, Checkpointing.Stages);
        var balanced = CheckpointCuts.Of(parts, Checkpointing.Balanced);

        Assert.True(stages.Count > 1 && balanced.Count > 1);
        Assert.All(stages.Concat(balanced), cut => Assert.True(cut == 0 || parts[cut].CanStart));
        Assert.Equal(balanced.Order().Distinct(), balanced);
        Assert.InRange(CheckpointCuts.Peak(parts, stages), 0, (long)(0.75 * whole));
        Assert.InRange(CheckpointCuts.Peak(parts, balanced), 0, Math.Min(CheckpointCuts.Peak(parts, stages), whole / 2));
    }

    // Hand-made: keeping 6, 1, 1, 6 with inputs of 1. Either side of the middle has 7 + its inputs; three stretches would not be lower.
    [Fact]
    public void Balanced_cuts_are_the_best_by_hand()
    {
        PartCost[] parts = [Part(6), Part(1), Part(1), Part(6)];

        var cuts = CheckpointCuts.Of(parts, Checkpointing.Balanced);

        Assert.Equal([0, 2], cuts);
        Assert.Equal(9, CheckpointCuts.Peak(parts, cuts));
    }

    private static PartCost Part(long kept) => new() { Name = "", CanStart = true, Input = 1, Side = 8, Kept = kept, Parameters = 0 };

    private static IReadOnlyList<PartCost> Parts(string name) => PartCost.Measure(ModelCatalog.Find(name), 224, 1000);
}
