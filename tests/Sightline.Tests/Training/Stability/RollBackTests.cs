using System.Buffers.Binary;
using Sightline.Data;
using Sightline.Models;
using Sightline.Runs;
using Sightline.Training;
using Sightline.Weights;
using Xunit;
using static TorchSharp.torch;

namespace Sightline.Tests.Training.Stability;

/// <summary>Whole trainings that get into trouble.</summary>
[Collection("Alone")]
public sealed class RollBackTests : IDisposable
{
    private const int Side = 8;

    private readonly string _folder = Directory.CreateTempSubdirectory("sightline-test-").FullName;

    public RollBackTests()
    {
        foreach (var (part, count) in new[] { ("train", 96), ("t10k", 12) })
        {
            var pixels = new byte[16 + (count * Side * Side)];
            var labels = new byte[8 + count];
            Header(pixels, 0x803, count, Side, Side);
            Header(labels, 0x801, count);
            for (var i = 0; i < count; i++)
            {
                labels[8 + i] = (byte)(i % 3);
                for (var p = 0; p < Side * Side; p++)
                {
                    pixels[16 + (i * Side * Side) + p] = (byte)((40 * (i % 3)) + ((i * 31) ^ (p * 7)) % 160);
                }
            }

            File.WriteAllBytes(Path.Combine(_folder, $"{part}-images-idx3-ubyte"), pixels);
            File.WriteAllBytes(Path.Combine(_folder, $"{part}-labels-idx1-ubyte"), labels);
        }
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void A_run_that_explodes_rolls_back_with_half_the_rate_and_a_resumed_one_ends_with_the_same_bits()
    {
        // A loss is a spike here that is barely unusual, so that there is one among the first steps; then the run may go on.
        var options = Options() with
        {
            CheckpointSteps = 7,
            Stability = new StabilityOptions { Spike = StabilityPolicy.RollBack, SpikeDeviations = 2, MaximumRollBacks = 20 },
            Optimizer = new OptimizerOptions { LearningRate = 4 },
        };
        var events = new List<RunEvent>();
        var whole = Train(options, "whole", events);

        var rolled = events.Where(told => told is { Kind: "stability", Action: StabilityPolicy.RollBack }).ToList();
        Assert.NotEmpty(rolled);
        var last = rolled[^1];
        var factor = Math.Pow(0.5, rolled.Count);
        Assert.Contains($"(roll-back {rolled.Count} of at most 20)", last.Message);
        Assert.True(last.Step is 0 or 7 or 10 or 14, $"The run went back to step {last.Step}."); // The start, a checkpoint, or an epoch's end.
        var after = events.Last(told => told.Kind == "epoch");
        Assert.Equal(factor * 4, after.LearningRate!.Value, 1e-12); // An epoch has a rate; the schedule is constant.

        // The same run, stopped right after its last roll-back and taken up again.
        using var stop = new CancellationTokenSource();
        var rollBacks = 0;
        Assert.Throws<StoppedException>(() => Train(options, "stopped", new Reaction(told =>
        {
            rollBacks += told.Kind == "stability" && told.Action == StabilityPolicy.RollBack ? 1 : 0;
            if (rollBacks == rolled.Count)
            {
                stop.Cancel();
            }
        }), stop.Token));
        var resumed = Trainer.Resume(Path.Combine(_folder, "runs", "stopped"), null, CancellationToken.None);

        Assert.Equal(whole.LastWeightsSha256, resumed.LastWeightsSha256);
        Assert.Equal(whole.BestWeightsSha256, resumed.BestWeightsSha256);
    }

    [Fact]
    public void A_run_that_nothing_can_save_stops_with_its_own_exit_code()
    {
        var events = new List<RunEvent>();
        var options = Options() with
        {
            Weights = Poisoned(),
            Stability = new StabilityOptions { SkipsInARow = 2, MaximumRollBacks = 2 },
        };

        var error = Assert.Throws<DivergedException>(() => Train(options, "lost", events));

        Assert.Equal(ExitCode.GateFailed, error.ExitCode);
        Assert.StartsWith(
            "The loss is NaN, and 2 steps in a row were left out (it begins in the layer 'fc') in step 2; the run stops after 2 roll-backs (stability.maximumRollBacks is 2), " +
            "as stability.notFinite asks. Lower the learning rate", error.Message);
        Assert.Equal([StabilityPolicy.Skip, StabilityPolicy.RollBack, StabilityPolicy.Skip, StabilityPolicy.RollBack, StabilityPolicy.Skip],
            events.Where(told => told.Kind == "stability").Select(told => told.Action!.Value)); // Every event of this kind has one.
        Assert.Contains("back to step 0, with 0.25 of the scheduled learning rate", events.Last(told => told.Action == StabilityPolicy.RollBack).Message);
    }

    [Fact]
    public void Layers_and_hashes_are_in_the_events_of_a_run()
    {
        var events = new List<RunEvent>();
        var result = Train(Options() with { Stability = new StabilityOptions { DiagnosticsSteps = 10 } }, "plain", events);

        var layers = events.Where(told => told.Kind == "layers").ToList();
        Assert.Equal([1, 11], layers.Select(told => told.Step));
        Assert.All(layers, told => Assert.Equal("conv1", told.Layers![0].Name)); // Events of this kind have layers.
        var run = RunFolder.Open(result.Run);
        var end = run.ReadEvents().Single(told => told.Kind == "end");
        Assert.Equal((result.BestWeightsSha256, result.LastWeightsSha256), (end.BestWeightsSha256, end.LastWeightsSha256));
        Assert.Equal(end.BestWeightsSha256, WeightsHash.Of(run.BestWeights));
        Assert.Equal(layers.SelectMany(told => told.Layers!), run.ReadEvents().Where(told => told.Kind == "layers").SelectMany(told => told.Layers!));
    }

    private static TrainOptions Options() => new()
    {
        Model = "resnet10_small", Epochs = 2, BatchSize = 8, Threads = 1, Workers = 1, Device = "cpu",
        Schedule = new ScheduleOptions { Kind = ScheduleKind.Constant, WarmupEpochs = 0 },
    };

    private TrainResult Train(TrainOptions options, string name, List<RunEvent> events) =>
        Train(options, name, new Reaction(events.Add), CancellationToken.None);

    private TrainResult Train(TrainOptions options, string name, IProgress<RunEvent> progress, CancellationToken cancel) =>
        Trainer.Run(options, ImageDatasets.Open(_folder, Trainer.Split(options)), Path.Combine(_folder, "runs"), progress, cancel, name);

    // Weights whose last layer gives infinity, and infinity less infinity is NaN.
    private string Poisoned()
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        using var model = ModelCatalog.Find("resnet10_small").Create(3);
        model.named_parameters().Single(entry => entry.name == "fc.weight").parameter.fill_(3e38f);
        var file = Path.Combine(_folder, "poisoned.safetensors");
        Safetensors.Write(file, model.state_dict(), new Dictionary<string, string>());
        return file;
    }

    private static void Header(byte[] target, params int[] values)
    {
        for (var i = 0; i < values.Length; i++)
        {
            BinaryPrimitives.WriteInt32BigEndian(target.AsSpan(4 * i), values[i]);
        }
    }

    private sealed class Reaction(Action<RunEvent> act) : IProgress<RunEvent>
    {
        public void Report(RunEvent value) => act(value);
    }
}
