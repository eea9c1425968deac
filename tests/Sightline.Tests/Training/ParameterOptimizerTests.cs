using Xunit;
using Sightline.Native;
using Sightline.Training;
using TorchSharp;
using Parameter = TorchSharp.Modules.Parameter;
using static TorchSharp.torch;

namespace Sightline.Tests.Training;

/// <summary>Every form of each optimiser over 100 steps against PyTorch 1.13; LAMB and Lion against their papers' algorithms in float64.</summary>
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
    [InlineData("sgdNoNesterov", true)]
    [InlineData("sgdNoNesterov", false)]
    [InlineData("adam", true)]
    [InlineData("adam", false)]
    [InlineData("adamW", true)]
    [InlineData("adamW", false)]
    [InlineData("rmsProp", true)]
    [InlineData("rmsProp", false)]
    [InlineData("rmsPropPlain", true)]
    [InlineData("rmsPropPlain", false)]
    [InlineData("lamb", true)]
    [InlineData("lamb", false)]
    [InlineData("lion", true)]
    [InlineData("lion", false)]
    public void Step_equals_the_reference(string name, bool fused)
    {
        Assert.SkipUnless(!fused || Operators.IsAvailable, "This LibTorch does not export its dispatcher.");
        using var scope = NewDisposeScope();
        var (options, rate) = name switch
        {
            "sgd" => (new OptimizerOptions { WeightDecay = 0.01 }, 0.05),
            "sgdPlain" => (new OptimizerOptions { WeightDecay = 0.01, Momentum = 0, Nesterov = false }, 0.05),
            "sgdClipped" => (new OptimizerOptions { WeightDecay = 0.01, ClipNorm = 1 }, 0.05),
            "sgdNoNesterov" => (new OptimizerOptions { WeightDecay = 0.01, Nesterov = false }, 0.05),
            "adam" => (new OptimizerOptions { Kind = OptimizerKind.Adam, WeightDecay = 0.01 }, 0.01),
            "adamW" => (new OptimizerOptions { Kind = OptimizerKind.AdamW, WeightDecay = 0.01 }, 0.01),
            "rmsProp" => (new OptimizerOptions { Kind = OptimizerKind.RmsProp, WeightDecay = 0.01 }, 0.01),
            "rmsPropPlain" => (new OptimizerOptions { Kind = OptimizerKind.RmsProp, WeightDecay = 0.01, Momentum = 0 }, 0.01),
            "lamb" => (new OptimizerOptions { Kind = OptimizerKind.Lamb, WeightDecay = 0.01 }, 0.01),
            "lion" => (new OptimizerOptions { Kind = OptimizerKind.Lion, WeightDecay = 0.01 }, 0.001),
            _ => throw new ArgumentOutOfRangeException(nameof(name)),
        };
        using var model = NewModel();
        using var optimizer = ParameterOptimizer.Create(model, options, fused);

        Take(100, model, optimizer, rate);

        AssertGolden(name, model);
    }

    [Theory]
    [InlineData(OptimizerKind.RmsProp, 1)]
    [InlineData(OptimizerKind.Lamb, 1)]
    [InlineData(OptimizerKind.Lamb, 2)]
    [InlineData(OptimizerKind.Lion, 2)]
    public void The_pass_over_memory_agrees_with_plain_operators_on_many_pieces_and_channels_last(OptimizerKind kind, int threads)
    {
        var before = get_num_threads();
        set_num_threads(threads);
        using var scope = NewDisposeScope();
        var options = new OptimizerOptions { Kind = kind, WeightDecay = 0.01, ClipNorm = 1 };

        var seen = Trained(fused: true);
        var expected = Trained(fused: false);

        set_num_threads(before);
        for (var i = 0; i < expected.Length; i++)
        {
            Assert.Equal(expected[i], seen[i], 1e-6);
        }

        float[] Trained(bool fused)
        {
            using var model = new TwoParameters(Values(50 * 40 * 5 * 5, 0.1).reshape(50, 5, 5, 40).permute(0, 3, 1, 2), Values(20_003, 0.2));
            using var optimizer = ParameterOptimizer.Create(model, options, fused);
            for (var step = 0; step < 3; step++)
            {
                model.weight.grad = model.weight.detach().mul(0.1).add_(0.01 * step);
                model.bias.grad = model.bias.detach().mul(-0.1);
                optimizer.Step(0.01);
            }

            return cat([model.weight.detach().flatten(), model.bias.detach()]).data<float>().ToArray();
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Groups_have_their_own_rate_and_decay(bool fused)
    {
        Assert.SkipUnless(!fused || Operators.IsAvailable, "This LibTorch does not export its dispatcher.");
        using var scope = NewDisposeScope();
        using var model = NewModel();
        using var optimizer = ParameterOptimizer.Create(model, new OptimizerOptions { Kind = OptimizerKind.AdamW, WeightDecay = 0.01 }, fused,
        [
            new ParameterGroup { Names = ["weight"], RateScale = 0.25, WeightDecay = 0.2 },
            new ParameterGroup { Names = ["bias"], WeightDecay = 0.5 }, // A vector does not decay whatever is asked.
        ]);

        Take(100, model, optimizer, 0.01);

        AssertGolden("scaledGroups", model);
    }

    [Fact]
    public void A_parameter_in_no_group_stays_as_it_is()
    {
        using var scope = NewDisposeScope();
        using var model = NewModel();
        using var optimizer = ParameterOptimizer.Create(model, new OptimizerOptions(), groups: [new ParameterGroup { Names = ["bias"] }]);

        Take(1, model, optimizer, 0.1);

        Assert.Equal(Values(12, 0.1).data<float>().ToArray(), model.weight.detach().flatten().data<float>().ToArray());
        Assert.NotEqual(Values(5, 0.2).data<float>().ToArray(), model.bias.detach().data<float>().ToArray());
    }

    [Theory]
    [InlineData("A parameter group names 'fc', and the model has no such parameter. (Parameter 'groups')", "weight", "fc")]
    [InlineData("The parameter 'weight' is in more than one group. (Parameter 'groups')", "weight", "weight")]
    public void Unsound_groups_are_refused(string message, string first, string second)
    {
        using var scope = NewDisposeScope();
        using var model = NewModel();
        ParameterGroup[] groups = [new() { Names = [first] }, new() { Names = [second] }];

        var error = Assert.Throws<ArgumentException>(() => ParameterOptimizer.Create(model, new OptimizerOptions(), groups: groups));

        Assert.Equal(message, error.Message);
    }

    [Theory]
    [InlineData(OptimizerKind.Sgd)]
    [InlineData(OptimizerKind.Adam)]
    [InlineData(OptimizerKind.AdamW)]
    [InlineData(OptimizerKind.RmsProp)]
    [InlineData(OptimizerKind.Lamb)]
    [InlineData(OptimizerKind.Lion)]
    public void A_restored_state_goes_on_to_the_same_bits(OptimizerKind kind)
    {
        using var scope = NewDisposeScope();
        var options = new OptimizerOptions { Kind = kind, WeightDecay = 0.01 };
        using var whole = NewModel();
        using var wholeOptimizer = ParameterOptimizer.Create(whole, options);
        Take(5, whole, wholeOptimizer, 0.01);
        using var resumed = new TwoParameters(whole.weight.detach().clone(), whole.bias.detach().clone());
        using var resumedOptimizer = ParameterOptimizer.Create(resumed, options);

        resumedOptimizer.Restore(wholeOptimizer.State().ToDictionary(state => state.Name, state => state.Tensor), wholeOptimizer.StepCount);
        Take(5, whole, wholeOptimizer, 0.01);
        Take(5, resumed, resumedOptimizer, 0.01);

        Assert.Equal(Flat(whole), Flat(resumed));
    }

    [Fact]
    public void A_group_that_joins_late_begins_with_its_own_first_step()
    {
        using var scope = NewDisposeScope();
        var options = new OptimizerOptions { Kind = OptimizerKind.Adam, WeightDecay = 0 };
        using var model = NewModel();
        using var optimizer = ParameterOptimizer.Create(model, options);
        for (var step = 0; step < 50; step++)
        {
            model.bias.grad = ones(5);
            optimizer.Step(0.01);
        }

        model.weight.grad = ones(3, 4);
        optimizer.Step(0.01);

        // Adam's first step has the length of the rate, whatever the gradient.
        var moved = (Values(12, 0.1).reshape(3, 4) - model.weight.detach()).flatten().data<float>().ToArray();
        Assert.All(moved, length => Assert.Equal(0.01, length, 1e-6));
    }

    [Fact]
    public void Step_leaves_no_live_tensors()
    {
        using var scope = NewDisposeScope();
        using var model = NewModel();
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

    private static TwoParameters NewModel() => new(Values(12, 0.1).reshape(3, 4), Values(5, 0.2));

    // As in tests/golden/training.py.
    private static void Take(int steps, TwoParameters model, ParameterOptimizer optimizer, double rate)
    {
        for (var step = 0; step < steps; step++)
        {
            model.weight.grad = (Values(12, 0.3 * step).reshape(3, 4) + 0.1 * model.weight.detach()).detach();
            model.bias.grad = (Values(5, 0.5 * step) + 0.1 * model.bias.detach()).detach();
            optimizer.Step(rate);
        }
    }

    private static float[] Flat(TwoParameters model) => cat([model.weight.detach().flatten(), model.bias.detach()]).data<float>().ToArray();

    private static void AssertGolden(string name, TwoParameters model)
    {
        var seen = Flat(model);
        var expected = TrainingGolden.Values(name);
        Assert.Equal(expected.Length, seen.Length);
        for (var i = 0; i < expected.Length; i++)
        {
            Assert.Equal(expected[i], seen[i], Tolerance * Math.Max(1, Math.Abs(expected[i])));
        }
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
