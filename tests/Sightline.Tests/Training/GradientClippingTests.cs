using Sightline.Training;
using TorchSharp;
using Xunit;
using Parameter = TorchSharp.Modules.Parameter;
using static TorchSharp.torch;

namespace Sightline.Tests.Training;

public sealed class GradientClippingTests
{
    [Fact]
    public void Adaptive_clipping_equals_the_paper_and_leaves_the_head_out()
    {
        using var scope = NewDisposeScope();
        using var model = new Network();
        model.stem.weight.grad = Values(12, 0.3).reshape(4, 3).mul_(tensor(new[] { 1, 1e-4f, 1, 1e-7f }).reshape(4, 1));
        model.stem.bias.grad = Values(5, 0.5);
        model.fc.weight.grad = Values(12, 0.3).reshape(4, 3);
        model.fc.bias.grad = Values(5, 0.5);
        using var optimizer = ParameterOptimizer.Create(model, new OptimizerOptions { ClipAdaptive = 0.01 });

        optimizer.Step(0);

        Near(TrainingGolden.Values("adaptiveWeight"), model.stem.weight.grad);
        Near(TrainingGolden.Values("adaptiveVector"), model.stem.bias.grad);
        Assert.Equal(Values(12, 0.3).data<float>().ToArray(), model.fc.weight.grad.flatten().data<float>().ToArray());
        Assert.Equal(Values(5, 0.5).data<float>().ToArray(), model.fc.bias.grad.data<float>().ToArray());
    }

    [Fact]
    public void Clipping_by_value_comes_before_the_norm()
    {
        using var scope = NewDisposeScope();
        using var model = new Network();
        model.stem.bias.grad = tensor(new[] { 3f, -4f, 0.5f, 0, 0 });
        using var optimizer = ParameterOptimizer.Create(model, new OptimizerOptions { ClipValue = 1, ClipNorm = 100 });

        var norm = optimizer.Step(0);

        Assert.Equal(1.5, norm!.item<float>(), 1e-6); // sqrt(1 + 1 + 0.25); measured because a limit is set.
        Assert.Equal([1f, -1f, 0.5f, 0, 0], model.stem.bias.grad.data<float>().ToArray());
    }

    [Theory]
    [InlineData(-0.1)]
    [InlineData(1.5)]
    public void A_share_out_of_range_is_told(double share) =>
        Assert.Equal(
            [$"ClipAdaptive is {share}; it must be 0 (off) or at most 1. Pass --set optimizer.clipAdaptive=0.01."],
            new OptimizerOptions { ClipAdaptive = share }.Check());

    private static void Near(double[] expected, Tensor seen)
    {
        Assert.Equal(expected.Length, (int)seen.numel());
        foreach (var (value, i) in seen.flatten().data<float>().ToArray().Select((value, i) => (value, i)))
        {
            Assert.Equal(expected[i], value, 1e-7);
        }
    }

    private static Tensor Values(int count, double phase) =>
        tensor(Enumerable.Range(0, count).Select(i => (float)Math.Sin(0.7 * i + phase)).ToArray());

    // Two layers with the same figures; the second is the classifier's.
    private sealed class Network : nn.Module
    {
        public readonly Layer stem = new();
        public readonly Layer fc = new();

        public Network()
            : base(nameof(Network)) => RegisterComponents();
    }

    private sealed class Layer : nn.Module
    {
        public readonly Parameter weight = new(Values(12, 0.1).reshape(4, 3).mul_(tensor(new[] { 1, 0.1f, 1e-4f, 0 }).reshape(4, 1)));
        public readonly Parameter bias = new(Values(5, 0.2));

        public Layer()
            : base(nameof(Layer)) => RegisterComponents();
    }
}
