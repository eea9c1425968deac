using Xunit;
using Sightline.Native;
using Sightline.Training;
using TorchSharp;
using Parameter = TorchSharp.Modules.Parameter;
using static TorchSharp.torch;

namespace Sightline.Tests.Training;

/// <summary>Both forms of each optimiser against PyTorch 1.13 over 100 steps.</summary>
public sealed class ParameterOptimizerTests
{
    // The weight is stepped in float32 for 100 steps on both sides; orders of summation differ in the last bits.
    private const double Tolerance = 1e-6;

    [Theory]
    [InlineData("sgd", true)]
    [InlineData("sgd", false)]
    [InlineData("sgdPlain", true)]
    [InlineData("sgdPlain", false)]
    [InlineData("sgdClipped", true)]
    [InlineData("sgdClipped", false)]
    [InlineData("adamW", true)]
    [InlineData("adamW", false)]
    public void Step_equals_PyTorch(string name, bool fused)
    {
        Assert.SkipUnless(!fused || Operators.IsAvailable, "This LibTorch does not export its dispatcher.");
        using var scope = NewDisposeScope();
        var options = name switch
        {
            "sgd" => new OptimizerOptions { WeightDecay = 0.01 },
            "sgdPlain" => new OptimizerOptions { WeightDecay = 0.01, Momentum = 0, Nesterov = false },
            "sgdClipped" => new OptimizerOptions { WeightDecay = 0.01, ClipNorm = 1 },
            _ => new OptimizerOptions { Kind = OptimizerKind.AdamW, WeightDecay = 0.01 },
        };
        using var model = new TwoParameters(Values(12, 0.1).reshape(3, 4), Values(5, 0.2));
        using var optimizer = ParameterOptimizer.Create(model, options, fused);

        for (var step = 0; step < 100; step++)
        {
            model.weight.grad = (Values(12, 0.3 * step).reshape(3, 4) + 0.1 * model.weight.detach()).detach();
            model.bias.grad = (Values(5, 0.5 * step) + 0.1 * model.bias.detach()).detach();
            optimizer.Step(name == "adamW" ? 0.01 : 0.05);
        }

        var seen = cat([model.weight.detach().flatten(), model.bias.detach()]).data<float>().ToArray();
        var expected = TrainingGolden.Values(name);
        Assert.Equal(expected.Length, seen.Length);
        for (var i = 0; i < expected.Length; i++)
        {
            Assert.Equal(expected[i], seen[i], Tolerance * Math.Max(1, Math.Abs(expected[i])));
        }
    }

    [Fact]
    public void Step_leaves_no_live_tensors()
    {
        using var scope = NewDisposeScope();
        using var model = new TwoParameters(Values(12, 0.1).reshape(3, 4), Values(5, 0.2));
        using var optimizer = ParameterOptimizer.Create(model, new OptimizerOptions { ClipNorm = 1, ClipValue = 1 });
        var counts = new List<long>();

        for (var step = 0; step < 4; step++)
        {
            using var inner = NewDisposeScope();
            optimizer.ClearGradients();
            (model.weight.sum() + model.bias.sum()).backward();
            optimizer.Step(0.1);
            inner.Dispose();
            counts.Add(DisposeScopeManager.Statistics.ThreadTotalLiveCount);
        }

        Assert.All(counts, count => Assert.Equal(counts[0], count));
    }

    private static Tensor Values(int count, double phase) =>
        tensor(Enumerable.Range(0, count).Select(i => (float)Math.Sin(0.7 * i + phase)).ToArray());

    private sealed class TwoParameters : nn.Module
    {
        public readonly Parameter weight;
        public readonly Parameter bias;

        public TwoParameters(Tensor weight, Tensor bias)
            : base(nameof(TwoParameters))
        {
            this.weight = new Parameter(weight);
            this.bias = new Parameter(bias);
            RegisterComponents();
        }
    }
}
