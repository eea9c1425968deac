using System.Runtime.InteropServices;
using Sightline.Models;
using Sightline.Runs;
using Sightline.Training;
using TorchSharp;
using Xunit;

namespace Sightline.Tests.Training.Memory;

[Collection("Alone")]
public sealed class MemoryGuardTests : IDisposable
{
    private readonly List<string> _told = [];
    private readonly torch.nn.Module<torch.Tensor, torch.Tensor> _model = ModelCatalog.Find("resnet10_small").Create(2);

    public void Dispose() => _model.Dispose();

    [Fact]
    public void Ladder_frees_then_divides_then_checkpoints_then_shortens()
    {
        var ladder = new MemoryLadder(Settings(batch: 16), hasShortPrecision: true);

        var seen = new List<MemoryState>();
        for (var state = ladder.Start; state is not null; state = ladder.Below(state))
        {
            seen.Add(state);
        }

        Assert.Equal(
        [
            new MemoryState(),
            new MemoryState { IsCompact = true },
            new MemoryState { IsCompact = true, Parts = 2, ValidationParts = 2 },
            new MemoryState { IsCompact = true, Parts = 4, ValidationParts = 4 },
            new MemoryState { IsCompact = true, Parts = 4, ValidationParts = 4, Checkpointing = Checkpointing.Balanced },
            new MemoryState { IsCompact = true, Parts = 4, ValidationParts = 4, Checkpointing = Checkpointing.Balanced, Precision = Precision.Bf16 },
        ], seen);
    }

    [Fact]
    public void A_step_that_runs_out_is_done_again_one_step_down_without_its_gradients()
    {
        using var optimizer = ParameterOptimizer.Create(_model, new OptimizerOptions());
        var guard = Guard(Settings(batch: 16), optimizer);
        var seen = new List<(bool IsCheckpointed, int Parts)>();

        guard.Train((pass, parts) =>
        {
            seen.Add((pass.IsCheckpointed, parts));
            Assert.All(_model.parameters(), parameter => Assert.Null(parameter.grad));
            _model.parameters().First().grad = torch.ones_like(_model.parameters().First());
            if (seen.Count < 5)
            {
                throw new ExternalException("DefaultCPUAllocator: can't allocate memory");
            }

            _model.parameters().First().grad = null;
        });

        Assert.Equal([(false, 1), (false, 1), (false, 2), (false, 4), (true, 4)], seen);
        Assert.Equal(Checkpointing.Balanced, guard.State.Checkpointing);
        Assert.All(_told, message => Assert.StartsWith("The memory ran out in training; from here on: ", message));
        Assert.Equal(4, _told.Count);
    }

    [Fact]
    public void Validation_divides_down_to_single_pictures_and_leaves_training_alone()
    {
        using var optimizer = ParameterOptimizer.Create(_model, new OptimizerOptions());
        var guard = Guard(Settings(batch: 8), optimizer);

        var parts = guard.Validate(parts => parts < 8 ? throw new OutOfMemoryException() : parts);

        Assert.Equal(8, parts);
        Assert.Equal(1, guard.State.Parts);
        var error = Assert.Throws<MemoryException>(() => guard.Validate<int>(_ => throw new OutOfMemoryException()));
        Assert.Equal(ExitCode.OutOfMemory, error.ExitCode);
        Assert.StartsWith("The memory ran out in validation. ", error.Message);
    }

    [Fact]
    public void Other_errors_pass()
    {
        using var optimizer = ParameterOptimizer.Create(_model, new OptimizerOptions());
        var guard = Guard(Settings(batch: 8), optimizer);

        Assert.Throws<ExternalException>(() => guard.Train((_, _) => throw new ExternalException("CUDA error: an illegal memory access was encountered")));
        Assert.Empty(_told);
    }

    [Fact]
    public void Weights_that_are_half_updated_are_not_updated_again()
    {
        using var optimizer = ParameterOptimizer.Create(_model, new OptimizerOptions());
        var guard = Guard(Settings(batch: 8), optimizer);

        var error = Assert.Throws<MemoryException>(() => guard.Train((_, _) =>
        {
            optimizer.Step(0.1);
            throw new OutOfMemoryException();
        }));

        Assert.StartsWith("The memory ran out within the update of the weights.", error.Message);
    }

    [Fact]
    public void A_plan_that_does_not_fit_changes_the_run_before_it_begins_and_a_resumed_run_keeps_what_was_decided()
    {
        using var optimizer = ParameterOptimizer.Create(_model, new OptimizerOptions());
        var resumed = Guard(Settings(batch: 64), optimizer);
        var state = new MemoryState { Parts = 8, IsCompact = true, Checkpointing = Checkpointing.Stages };

        resumed.Begin(state);

        Assert.Equal(state, resumed.State);
        Assert.True(resumed.Pass.IsCheckpointed);
    }

    [Fact]
    public void Frozen_layers_with_checkpointing_are_refused()
    {
        using var optimizer = ParameterOptimizer.Create(_model, new OptimizerOptions());
        foreach (var (name, parameter) in _model.named_parameters())
        {
            parameter.requires_grad = name.StartsWith("fc", StringComparison.Ordinal);
        }

        var guard = Guard(Settings(batch: 8) with { Options = new TrainOptions { Memory = new MemoryOptions { Checkpointing = Checkpointing.Stages } } }, optimizer);

        var error = Assert.Throws<SettingsException>(() => guard.Pass);
        Assert.StartsWith("Memory.checkpointing is stages, but all that it would compute again is frozen", error.Message);
    }

    private MemoryGuard Guard(RunSettings settings, ParameterOptimizer optimizer) => new(_model, optimizer, settings, 0, _told.Add);

    private static RunSettings Settings(int batch) => new()
    {
        CreatedAt = DateTimeOffset.UnixEpoch,
        Model = "resnet10_small",
        Classes = ["a", "b"],
        Preprocessing = ModelCatalog.Find("resnet10_small").Preprocessing,
        DataLocation = "",
        DataVersion = "",
        Options = new TrainOptions { BatchSize = batch, Threads = 1 },
    };
}
