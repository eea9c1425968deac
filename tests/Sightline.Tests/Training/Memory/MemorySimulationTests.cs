using Sightline.Data;
using Sightline.Models;
using Sightline.Runs;
using Sightline.Training;
using Xunit;

namespace Sightline.Tests.Training.Memory;

/// <summary>The kept bytes themselves are compared with autograd's own count in ModelProfileTests; measured peaks are in bench/README.md.</summary>
public sealed class MemorySimulationTests
{
    [Fact]
    public void Weights_gradients_and_optimiser_are_those_of_torchvisions_resnet50()
    {
        var sgd = Plan(new OptimizerOptions());
        var adam = Plan(new OptimizerOptions { Kind = OptimizerKind.AdamW });

        // 23,528,522 values with ten classes, 53,120 running values and 53 counters of batches (torchvision 0.14.1).
        Assert.Equal(23_528_522L * 4, sgd.GradientBytes);
        Assert.Equal((23_528_522L * 4) + (53_120 * 4) + (53 * 8), sgd.WeightBytes);
        Assert.InRange(sgd.OptimizerBytes, sgd.GradientBytes, sgd.GradientBytes + 64); // Beside the momentum, its few counters.
        Assert.InRange(adam.OptimizerBytes, 2 * sgd.GradientBytes, (2 * sgd.GradientBytes) + 64);
    }

    [Fact]
    public void Parts_divide_what_is_kept_and_checkpointing_and_bf16_make_it_less()
    {
        var simulation = new MemorySimulation(Settings(new OptimizerOptions()));
        var whole = simulation.Plan(32, new MemoryState(), 0);
        var divided = simulation.Plan(32, new MemoryState { Parts = 4 }, 0);
        var checkpointed = simulation.Plan(32, new MemoryState { Checkpointing = Checkpointing.Balanced }, 0);
        var bf16 = simulation.Plan(32, new MemoryState { Precision = Precision.Bf16 }, 0);

        Assert.InRange(divided.ActivationBytes, 0.24 * whole.ActivationBytes, 0.27 * whole.ActivationBytes);
        Assert.InRange(checkpointed.ActivationBytes, 0.2 * whole.ActivationBytes, 0.5 * whole.ActivationBytes);
        Assert.InRange(bf16.ActivationBytes, 0.5 * whole.ActivationBytes, 0.55 * whole.ActivationBytes);
        Assert.True(checkpointed.PeakBytes < whole.PeakBytes && whole.PeakBytes < whole.ProgramBytes + whole.WeightBytes + whole.GradientBytes
            + whole.OptimizerBytes + whole.ActivationBytes + whole.WorkspaceBytes);
    }

    [Fact]
    public void Frozen_layers_have_no_gradients_and_keep_nothing()
    {
        var settings = Settings(new OptimizerOptions());
        var whole = MemoryPlan.Of(settings);

        var frozen = MemoryPlan.Of(settings with { Options = settings.Options with { Transfer = new TransferOptions { Freeze = TransferOptions.Backbone } } });

        Assert.Equal(((2048 * 10) + 10) * 4, frozen.GradientBytes);
        Assert.InRange(frozen.ActivationBytes, 0, 0.1 * whole.ActivationBytes);
        Assert.Equal(whole.WeightBytes, frozen.WeightBytes);
    }

    // resnet50 has 6 blocks in layer3, whose 3 x 3 convolutions give 256 maps of 14 x 14, and 3 in layer4, with 512 of 7 x 7 (He et al. 2016, table 1).
    [Fact]
    public void Drop_block_keeps_its_masks()
    {
        var settings = Settings(new OptimizerOptions());
        var plain = MemoryPlan.Of(settings);

        var dropped = MemoryPlan.Of(settings with { Options = settings.Options with { Size = 224, Regularisation = new RegularisationOptions { DropBlock = 0.1 } } });

        Assert.Equal(32L * 4 * ((6 * 256 * 14 * 14) + (3 * 512 * 7 * 7)), dropped.ActivationBytes - plain.ActivationBytes);
    }

    [Fact]
    public void Teachers_weights_are_there_throughout_and_its_answer_comes_when_all_is_kept()
    {
        var folder = Directory.CreateTempSubdirectory("teacher").FullName;
        try
        {
            var data = new ImageDataset { Location = "", Version = "", Classes = ["0"], Images = new NoImages(), Train = [], Validation = [], Test = [], Notices = [] };
            var run = RunFolder.Create(folder, Settings(new OptimizerOptions()) with { Model = "densenet121" }, data, "teacher");
            var settings = Settings(new OptimizerOptions());
            var alone = MemoryPlan.Of(settings);

            var taught = MemoryPlan.Of(settings with { Options = settings.Options with { Distill = new DistillOptions { Run = run.Path } } });

            // torchvision's densenet121 with ten classes: 6,964,106 values, 83,648 running ones, 121 counters.
            Assert.Equal((6_964_106L * 4) + (83_648 * 4) + (121 * 8), taught.TeacherBytes);
            Assert.Equal(0, alone.TeacherBytes);
            Assert.InRange(taught.PeakBytes - taught.ProgramBytes, alone.PeakBytes - alone.ProgramBytes + taught.TeacherBytes, long.MaxValue);
            Assert.Equal(taught.TeacherBytes, taught.ValidationBytes - taught.ProgramBytes - (alone.ValidationBytes - alone.ProgramBytes));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private sealed class NoImages : IImageSource
    {
        public int Count => 0;

        public string Name(int index) => "";

        public PixelImage Decode(int index, int shortSide) => throw new NotSupportedException();
    }

    private static MemoryPlan Plan(OptimizerOptions optimizer) => MemoryPlan.Of(Settings(optimizer));

    private static RunSettings Settings(OptimizerOptions optimizer) => new()
    {
        CreatedAt = DateTimeOffset.UnixEpoch,
        Model = "resnet50",
        Classes = Enumerable.Range(0, 10).Select(i => $"{i}").ToList(),
        Preprocessing = ModelCatalog.Find("resnet50").Preprocessing,
        DataLocation = "",
        DataVersion = "",
        Options = new TrainOptions { Optimizer = optimizer, BatchSize = 32 },
    };
}
