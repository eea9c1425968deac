using Sightline.Models;
using Sightline.Native;
using Sightline.Training;
using TorchSharp;
using TorchSharp.Modules;
using Xunit;
using static TorchSharp.torch;

namespace Sightline.Tests.Training.Memory;

/// <summary>The plain pass, LibTorch's own, is the truth that checkpointing has to meet.</summary>
[Collection("Alone")]
public sealed class ModelPassTests
{
    private const int Batch = 4;
    private const int Classes = 5;

    // One member of each family and of each kind of stem; efficientnet and convnext draw stochastic depth, mobilenet and efficientnet dropout.
    public static TheoryData<string, int, Checkpointing> Cases { get; } = new(
        from model in new[] { "resnet18", "resnet50", "resnet10_small", "densenet121", "efficientnet_b0", "mobilenet_v3_small", "convnext_tiny" }
        from checkpointing in new[] { Checkpointing.Stages, Checkpointing.Balanced }
        select (model, 64, checkpointing));

    [Theory]
    [MemberData(nameof(Cases))]
    public void Gradients_statistics_and_random_numbers_are_those_of_the_plain_pass(string name, int size, Checkpointing checkpointing)
    {
        var plain = Steps(name, size, Checkpointing.Off, ScalarType.Float32);
        var checkpointed = Steps(name, size, checkpointing, ScalarType.Float32);

        Assert.Equal(plain.Random, checkpointed.Random);
        Assert.Equal(plain.Logits, checkpointed.Logits);
        Assert.Equal(plain.State, checkpointed.State);
        AssertClose(plain.Gradients, checkpointed.Gradients, 1e-5);
    }

    [Theory]
    [InlineData("resnet10_small")]
    [InlineData("mobilenet_v3_small")]
    [InlineData("convnext_tiny")]
    public void Under_autocast_too(string name)
    {
        Assert.SkipUnless(Autocast.IsAvailable, "This build of LibTorch has no autocast that can be reached.");

        var plain = Steps(name, 64, Checkpointing.Off, ScalarType.BFloat16);
        var checkpointed = Steps(name, 64, Checkpointing.Balanced, ScalarType.BFloat16);

        Assert.Equal(plain.Logits, checkpointed.Logits);
        Assert.Equal(plain.State, checkpointed.State);
        AssertClose(plain.Gradients, checkpointed.Gradients, 1e-2); // A weight's gradient is rounded to bfloat16, 2^-9, in either pass.
    }

    [Fact]
    public void Twenty_passes_leave_as_many_live_tensors_as_one()
    {
        using var model = Model("mobilenet_v3_small");
        var pass = new ModelPass(model, ScalarType.Float32, Cuts("mobilenet_v3_small", 32, Checkpointing.Balanced));
        using var images = randn(Batch, 3, 32, 32).DetachFromDisposeScope();
        using var labels = arange(Batch).DetachFromDisposeScope();
        Step(pass, model, images, labels);
        var live = DisposeScopeManager.Statistics.ThreadTotalLiveCount;

        for (var i = 0; i < 20; i++)
        {
            Step(pass, model, images, labels);
        }

        Assert.Equal(live, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
    }

    [Fact]
    public void Frozen_first_stretches_are_neither_kept_nor_computed_again()
    {
        using var scope = NewDisposeScope();
        using var model = Model("resnet18");
        var (ran, frozen) = (0, ModelChain.Of(model).TakeWhile(part => !part.Name.StartsWith("layer3", StringComparison.Ordinal)).ToList());
        frozen.SelectMany(part => part.Module.parameters()).ToList().ForEach(parameter => parameter.requires_grad = false);
        frozen[^1].Module.register_forward_hook((_, _, output) =>
        {
            ran++;
            return output;
        });
        var pass = new ModelPass(model, ScalarType.Float32, Cuts("resnet18", 64, Checkpointing.Stages));

        pass.Backward(pass.Forward(randn(Batch, 3, 64, 64)).sum());

        Assert.Equal(1, ran);
        Assert.All(model.parameters(), parameter => Assert.Equal(parameter.requires_grad, parameter.grad is not null));
    }

    [Fact]
    public void Nothing_to_train_before_the_last_stretch_is_told()
    {
        using var model = Model("resnet18");
        foreach (var parameter in model.parameters())
        {
            parameter.requires_grad = false;
        }

        model.named_parameters().Single(p => p.name == "fc.weight").parameter.requires_grad = true;

        Assert.True(new ModelPass(model, ScalarType.Float32, Cuts("resnet18", 64, Checkpointing.Stages)).IsIdle);
        Assert.False(new ModelPass(model, ScalarType.Float32).IsIdle);
    }

    private static (float[] Logits, Dictionary<string, float[]> Gradients, Dictionary<string, float[]> State, float[] Random) Steps(
        string name, int size, Checkpointing checkpointing, ScalarType type)
    {
        using var scope = NewDisposeScope();
        using var model = Model(name);
        var pass = new ModelPass(model, type, Cuts(name, size, checkpointing));
        manual_seed(11);
        var (images, labels) = (randn(Batch, 3, size, size), arange(Batch));
        var logits = Array.Empty<float>();
        for (var step = 0; step < 2; step++)
        {
            logits = Step(pass, model, images, labels);
        }

        return (
            logits,
            model.named_parameters().ToDictionary(p => p.name, p => Values(p.parameter.grad!)),
            model.named_buffers().ToDictionary(b => b.name, b => Values(b.buffer)),
            Values(rand(4)));
    }

    private static float[] Step(ModelPass pass, nn.Module model, Tensor images, Tensor labels)
    {
        using var scope = NewDisposeScope();
        foreach (var parameter in model.parameters())
        {
            parameter.grad = null;
        }

        var logits = pass.Forward(images);
        pass.Backward(nn.functional.cross_entropy(logits, labels));
        return Values(logits);
    }

    private static nn.Module<Tensor, Tensor> Model(string name)
    {
        set_num_threads(1);
        manual_seed(5);
        var model = ModelCatalog.Find(name).Create(Classes);
        foreach (var drop in model.modules().OfType<StochasticDepth>())
        {
            drop.Chance = 0.5; // So that four pictures and two steps meet it.
        }

        return model;
    }

    private static IReadOnlyList<int> Cuts(string name, int size, Checkpointing checkpointing) =>
        CheckpointCuts.Of(PartCost.Measure(ModelCatalog.Find(name), size, Classes), checkpointing);

    private static float[] Values(Tensor tensor) => tensor.detach().to(ScalarType.Float32).contiguous().data<float>().ToArray();

    private static void AssertClose(Dictionary<string, float[]> expected, Dictionary<string, float[]> seen, double tolerance)
    {
        Assert.Equal(expected.Keys, seen.Keys);
        foreach (var (name, values) in expected)
        {
            var size = values.Max(Math.Abs);
            var off = values.Zip(seen[name], (a, b) => Math.Abs(a - b)).Max();
            Assert.True(off <= tolerance * size, $"{name}: off by {off} of {size}");
        }
    }
}
