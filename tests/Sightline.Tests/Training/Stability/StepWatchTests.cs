using Sightline.Data;
using Sightline.Inference;
using Sightline.Runs;
using Sightline.Training;
using Sightline.Training.Losses;
using Sightline.Training.Stability;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace Sightline.Tests.Training.Stability;

/// <summary>Each trouble, provoked in a real training of a small network, with each policy.</summary>
public sealed class StepWatchTests
{
    private const int Side = 8;
    private const int SoundSteps = 20;

    public static TheoryData<string, StabilityPolicy> Cases()
    {
        var cases = new TheoryData<string, StabilityPolicy>();
        foreach (var detector in new[] { "notFinite", "spike", "exploding" })
        {
            foreach (var policy in Enum.GetValues<StabilityPolicy>())
            {
                cases.Add(detector, policy);
            }
        }

        return cases;
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void A_trouble_is_met_by_its_policy(string detector, StabilityPolicy policy)
    {
        using var rig = new Rig(Only(detector, policy));
        rig.Train(SoundSteps);
        var (before, statistics) = (rig.Weights(), rig.Statistics());

        rig.Provoke(detector);
        rig.Train(1);

        var isTaken = policy is StabilityPolicy.Off or StabilityPolicy.Warn;
        Assert.Equal(!isTaken, before.SequenceEqual(rig.Weights()));
        if (policy == StabilityPolicy.Skip)
        {
            Assert.Equal(statistics, rig.Statistics());
        }

        Assert.Equal(policy is StabilityPolicy.Warn or StabilityPolicy.Skip, rig.Told.Count == 1);
        Assert.All(rig.Told, told => Assert.Equal(("stability", detector, policy), (told.Kind, told.Detector, told.Action)));
        switch (policy)
        {
            case StabilityPolicy.RollBack:
                Assert.Throws<RollBackException>(() => rig.Watch.Act(21, rollBacks: 2));
                Assert.Contains("after 3 roll-backs", Assert.Throws<DivergedException>(() => rig.Watch.Act(21, rollBacks: 3)).Message);
                break;
            case StabilityPolicy.Stop:
                var error = Assert.Throws<DivergedException>(() => rig.Watch.Act(21, rollBacks: 0));
                Assert.Equal(ExitCode.GateFailed, error.ExitCode);
                Assert.Contains($"as stability.{detector} asks", error.Message);
                break;
            default:
                rig.Watch.Act(21, rollBacks: 0);
                break;
        }
    }

    [Theory]
    [InlineData(StabilityPolicy.Off)]
    [InlineData(StabilityPolicy.Warn)]
    [InlineData(StabilityPolicy.RollBack)]
    [InlineData(StabilityPolicy.Stop)]
    public void Dead_units_are_met_by_their_policy_at_the_second_reading(StabilityPolicy policy)
    {
        using var rig = new Rig(Only("", StabilityPolicy.Off) with { DiagnosticsSteps = 2, Dead = policy });
        rig.Train(1);
        using (no_grad())
        {
            rig.Network.Norm.bias!.narrow(0, 0, 6).fill_(-100); // A norm's result has deviation 1: six of eight channels give nothing any more.
        }

        rig.Train(2);
        Assert.Empty(rig.Told);
        rig.Watch.Act(3, rollBacks: 0);
        rig.Train(2);

        Assert.Equal(0.75, rig.Readings[^1].Layers!.Single(layer => layer.Name == "relu").DeadOverInterval); // A reading has layers.
        if (policy == StabilityPolicy.Warn)
        {
            Assert.StartsWith("75 % of the units of 'bn' are dead: they gave zero for every picture at two readings in a row in step 5. ", Assert.Single(rig.Told).Message);
        }
        else if (policy == StabilityPolicy.Off)
        {
            rig.Watch.Act(5, rollBacks: 0);
        }
        else
        {
            Assert.Contains("'bn' are dead", Assert.ThrowsAny<Exception>(() => rig.Watch.Act(5, rollBacks: 0)).Message);
        }
    }

    [Theory]
    [InlineData("notFinite", "The loss is NaN in step 21; the step was left out. Lower the learning rate")]
    [InlineData("exploding", "The gradient's norm jumped to ")]
    [InlineData("spike", "The loss jumped to ")]
    public void The_message_says_what_was_seen(string detector, string beginning)
    {
        using var rig = new Rig(Only(detector, StabilityPolicy.Skip));
        rig.Train(SoundSteps);

        rig.Provoke(detector);
        rig.Train(1);

        Assert.StartsWith(beginning, Assert.Single(rig.Told).Message);
        Assert.Contains("in step 21", rig.Told[0].Message);
    }

    [Fact]
    public void Steps_left_out_in_a_row_become_a_roll_back_and_one_good_step_begins_anew()
    {
        using var rig = new Rig(new StabilityOptions { SkipsInARow = 3 });
        rig.Train(2);

        foreach (var bad in new[] { true, true, false, true, true })
        {
            rig.Network.Added = bad ? float.NaN : 0;
            rig.Train(1);
            rig.Watch.Act(1, 0);
        }

        rig.Train(1);
        var asked = Assert.Throws<RollBackException>(() => rig.Watch.Act(8, 0));
        Assert.Equal("The loss is NaN, and 3 steps in a row were left out (it begins in the layer 'conv')", asked.Message);
    }

    [Fact]
    public void A_gradient_that_is_not_finite_is_seen_where_the_loss_is()
    {
        using var rig = new Rig(new StabilityOptions());
        var before = rig.Weights();

        rig.Network.GradientFactor = float.MaxValue;
        rig.Train(1);

        Assert.Equal(before, rig.Weights());
        Assert.StartsWith("The gradient's norm is ", Assert.Single(rig.Told).Message);
    }

    [Fact]
    public void The_reading_after_a_bad_step_names_the_first_layer_with_NaN()
    {
        using var rig = new Rig(new StabilityOptions { SkipsInARow = 1000 });
        rig.Train(1);

        rig.Network.Added = float.NaN;
        rig.Train(60);

        Assert.Equal([2, 3, 53], rig.Told.Select(told => told.Step));
        Assert.StartsWith("The loss is NaN (it begins in the layer 'conv') in step 3; the step was left out.", rig.Told[1].Message);
        Assert.Contains("(49 more like it since step 3)", rig.Told[2].Message);
    }

    [Fact]
    public void A_resumed_watch_decides_as_the_one_that_went_on()
    {
        using var whole = new Rig(Only("spike", StabilityPolicy.Skip));
        using var resumed = new Rig(Only("spike", StabilityPolicy.Skip));
        whole.Train(SoundSteps);
        resumed.Train(SoundSteps);

        resumed.Restart();
        whole.Provoke("spike");
        resumed.Provoke("spike");
        whole.Train(1);
        resumed.Train(1);

        Assert.Equal(whole.Weights(), resumed.Weights());
        Assert.Equal(1, resumed.Watch.State.Skips);
        Assert.Equal(whole.Watch.State.Losses, resumed.Watch.State.Losses);
    }

    [Fact]
    public void Where_figures_are_read_late_a_step_cannot_be_left_out_and_skip_rolls_back()
    {
        using var rig = new Rig(new StabilityOptions(), lag: 4);
        rig.Network.Added = float.NaN;

        rig.Train(3);
        rig.Watch.Act(3, 0);
        rig.Train(1);

        Assert.Throws<RollBackException>(() => rig.Watch.Act(4, 0));
    }

    [Fact]
    public void Watching_changes_no_bit_of_the_weights_and_leaves_no_tensors()
    {
        using var plain = new Rig(null);
        using var watched = new Rig(new StabilityOptions { DiagnosticsSteps = 1 });
        plain.Train(3);
        watched.Train(3);
        var live = DisposeScopeManager.Statistics.ThreadTotalLiveCount;

        watched.Train(3);

        Assert.Equal(live, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
        plain.Train(3);
        Assert.Equal(plain.Weights(), watched.Weights());
        Assert.Equal(6, watched.Readings.Count);
    }

    [Fact]
    public void The_defaults_are_sound_and_each_value_out_of_range_is_told()
    {
        Assert.Empty(new StabilityOptions().Check());
        var wrong = new StabilityOptions
        {
            DiagnosticsSteps = -1, SkipsInARow = 0, SpikeDeviations = 1, ExplodingRatio = double.NaN, VanishingRatio = 1, Vanishing = StabilityPolicy.Skip,
            MaximumRollBacks = 21, Dead = StabilityPolicy.Skip, DeadShare = 0,
        };
        Assert.Equal(9, wrong.Check().Count());
        Assert.Equal(wrong.Check(), new TrainOptions { Stability = wrong }.Check());
    }

    private static StabilityOptions Only(string detector, StabilityPolicy policy) => new()
    {
        DiagnosticsSteps = 0,
        NotFinite = detector == "notFinite" ? policy : StabilityPolicy.Off,
        Spike = detector == "spike" ? policy : StabilityPolicy.Off,
        Exploding = detector == "exploding" ? policy : StabilityPolicy.Off,
    };

    private sealed class Rig : IDisposable
    {
        private readonly StabilityOptions? _options;
        private readonly int? _lag;
        private readonly ModelInput _input = new(new Preprocessing { CropSize = Side, ResizeSize = Side }, CPU);
        private readonly TrainingMeter _meter = new(CPU);
        private readonly ParameterOptimizer _optimizer;
        private readonly TrainStep _step;
        private int _steps;

        public Rig(StabilityOptions? options, int? lag = null)
        {
            (_options, _lag) = (options, lag);
            var train = new TrainOptions { Optimizer = new OptimizerOptions { LearningRate = 0.05 } };
            _optimizer = ParameterOptimizer.Create(Network, train.Optimizer);
            Network.train();
            _step = new TrainStep(Network, _input, _optimizer, train, new TrainingObjective(new CrossEntropyLoss(0.1, null)), _meter);
            Watch = null!;
            if (options is not null)
            {
                _step.Watch = Watch = new StepWatch(Network, options, new GuardState(), 0, 1000, lag);
            }
        }

        public WatchedNetwork Network { get; } = new();

        public StepWatch Watch { get; private set; }

        public List<RunEvent> Told { get; } = [];

        public List<RunEvent> Readings { get; } = [];

        public void Train(int steps)
        {
            for (var i = 0; i < steps; i++)
            {
                _step.Run(Batch(_steps++ * 8), 0.05);
                if (Watch is not null)
                {
                    var events = Watch.Told(new RunEvent { Kind = "", At = DateTimeOffset.UnixEpoch, Step = _steps }).ToList();
                    Told.AddRange(events.Where(told => told.Kind == "stability"));
                    Readings.AddRange(events.Where(told => told.Kind == "layers"));
                }
            }
        }

        public void Provoke(string detector)
        {
            Network.Added = detector == "notFinite" ? float.NaN : 0;
            Network.LogitFactor = detector == "spike" ? 1000 : 1;
            Network.GradientFactor = detector == "exploding" ? 1000 : 1;
        }

        public void Restart()
        {
            var state = System.Text.Json.JsonSerializer.Deserialize<GuardState>(System.Text.Json.JsonSerializer.Serialize(Watch.State, SightlineJson.Line), SightlineJson.Line)!;
            Watch.Dispose();
            _step.Watch = Watch = new StepWatch(Network, _options!, state, _steps, 1000, _lag); // Only called with options.
        }

        public float[] Weights() => All(Network.parameters());

        public float[] Statistics() => All([Network.Norm.running_mean!, Network.Norm.running_var!]); // It tracks statistics.

        public void Dispose()
        {
            Watch?.Dispose();
            _optimizer.Dispose();
            _meter.Dispose();
            _input.Dispose();
            Network.Dispose();
        }

        private static float[] All(IEnumerable<Tensor> tensors)
        {
            using var scope = NewDisposeScope();
            return cat(tensors.Select(tensor => tensor.detach().flatten()).ToList()).data<float>().ToArray();
        }

        private static ImageBatch Batch(int first)
        {
            var pixels = new byte[8 * Side * Side * 3];
            for (var i = 0; i < pixels.Length; i++)
            {
                var at = i + (first * Side * Side * 3);
                pixels[i] = (byte)((at * 31) ^ (at / 7));
            }

            var indices = Enumerable.Range(first, 8).ToArray();
            return new ImageBatch(new BufferPool(), pixels, Side, indices.Select(i => (long)(i * i % 3)).ToArray(), indices);
        }
    }
}
