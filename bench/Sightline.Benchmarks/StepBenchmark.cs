using System.Diagnostics;
using Sightline.Data;
using Sightline.Inference;
using Sightline.Models;
using Sightline.Training;
using Sightline.Training.Stability;
using Sightline.Training.Losses;
using TorchSharp;
using static TorchSharp.torch;

namespace Sightline.Benchmarks;

/// <summary>Times of one training step, ours and stripped to the bare calls.</summary>
internal static class StepBenchmark
{
    private static readonly OptimizerOptions Sgd = new() { LearningRate = 0.01 };

    /// <summary>Median milliseconds of our whole step: input from bytes, forward, loss, backward, update, meter.</summary>
    public static double Ours(string model, int size, int batch, int steps, Precision precision)
    {
        using var rig = new Rig(model, size, batch);
        using var meter = new TrainingMeter(CPU);
        var step = new TrainStep(rig.Model, rig.Input, rig.Optimizer, Options(precision), Objective(), meter);
        return Median(steps, () => step.Run(rig.Batch, 0.01));
    }

    /// <summary>Our whole step in two precisions, in turn: medians.</summary>
    public static (double Fp32, double Bf16) Precisions(string model, int size, int batch, int steps)
    {
        using var rig = new Rig(model, size, batch);
        using var meter = new TrainingMeter(CPU);
        var full = new TrainStep(rig.Model, rig.Input, rig.Optimizer, Options(), Objective(), meter);
        var mixed = new TrainStep(rig.Model, rig.Input, rig.Optimizer, Options(Precision.Bf16), Objective(), meter);
        return InTurn(steps, () => full.Run(rig.Batch, 0.01), () => mixed.Run(rig.Batch, 0.01));
    }

    /// <summary>Our whole step in both memory layouts, in turn: medians.</summary>
    public static (double Nchw, double Nhwc) Layouts(string model, int size, int batch, int steps, Precision precision)
    {
        using var planes = new Rig(model, size, batch, MemoryLayout.Nchw);
        using var pixels = new Rig(model, size, batch, MemoryLayout.Nhwc);
        using var meter = new TrainingMeter(CPU);
        var first = new TrainStep(planes.Model, planes.Input, planes.Optimizer, Options(precision), Objective(), meter);
        var second = new TrainStep(pixels.Model, pixels.Input, pixels.Optimizer, Options(precision), Objective(), meter);
        return InTurn(steps, () => first.Run(planes.Batch, 0.01), () => second.Run(pixels.Batch, 0.01));
    }

    /// <summary>Our whole step without and with an average of the weights, in turn: medians.</summary>
    public static (double Without, double With) Averaging(string model, int size, int batch, int steps)
    {
        using var rig = new Rig(model, size, batch);
        using var meter = new TrainingMeter(CPU);
        using var average = WeightAverage.Create(rig.Model, new AveragingOptions { Kind = AveragingKind.Ema }, 1, 1)!; // Not of kind none.
        var without = new TrainStep(rig.Model, rig.Input, rig.Optimizer, Options(), Objective(), meter);
        using var with = new TrainStep(rig.Model, rig.Input, rig.Optimizer, Options(), Objective(), meter) { Average = average };
        return InTurn(steps, () => without.Run(rig.Batch, 0.01), () => with.Run(rig.Batch, 0.01));
    }

    /// <summary>Our whole step plain, watched, and watched with a reading of every layer, in turn: medians.</summary>
    public static (double Plain, double Watched, double Read) Watching(string model, int size, int batch, int steps)
    {
        using var rig = new Rig(model, size, batch);
        using var meter = new TrainingMeter(CPU);
        using var judging = new StepWatch(rig.Model, new StabilityOptions { DiagnosticsSteps = 0 }, new GuardState(), 0, 1);
        using var reading = new StepWatch(rig.Model, new StabilityOptions { DiagnosticsSteps = 1 }, new GuardState(), 0, 1);
        var without = new TrainStep(rig.Model, rig.Input, rig.Optimizer, Options(), Objective(), meter);
        var watched = new TrainStep(rig.Model, rig.Input, rig.Optimizer, Options(), Objective(), meter) { Watch = judging };
        var read = new TrainStep(rig.Model, rig.Input, rig.Optimizer, Options(), Objective(), meter) { Watch = reading };
        var times = new List<double>[] { [], [], [] };
        for (var i = 0; i < steps + 3; i++)
        {
            // Each follows each other as often, as what went before leaves its traces in the caches.
            for (var place = 0; place < times.Length; place++)
            {
                var kind = (i % 2 == 0 ? i + place : i + times.Length - place) % times.Length;
                var time = Time(() => new[] { without, watched, read }[kind].Run(rig.Batch, 0.01));
                times[kind].Add(time);
            }
        }

        return (Median(times[0].Skip(3)), Median(times[1].Skip(3)), Median(times[2].Skip(3)));
    }

    /// <summary>The loop's own cost: our step and a bare forward, backward and update over the same modules, in turn.</summary>
    public static (double Ours, double Bare) LoopOverhead(string model, int size, int batch, int steps)
    {
        using var rig = new Rig(model, size, batch);
        using var meter = new TrainingMeter(CPU);
        var step = new TrainStep(rig.Model, rig.Input, rig.Optimizer, Options(), Objective(), meter);
        using var images = rig.Input.Images(rig.Batch).DetachFromDisposeScope();
        using var labels = rig.Input.Labels(rig.Batch).DetachFromDisposeScope();
        var ours = new List<double>();
        var bare = new List<double>();
        for (var i = 0; i < steps + 3; i++)
        {
            var first = Time(() => step.Run(rig.Batch, 0.01));
            var second = Time(() =>
            {
                using var scope = NewDisposeScope();
                var loss = nn.functional.cross_entropy(rig.Model.call(images), labels, label_smoothing: 0.1);
                rig.Optimizer.ClearGradients();
                loss.backward();
                rig.Optimizer.Step(0.01);
            });
            if (i >= 3)
            {
                ours.Add(first);
                bare.Add(second);
            }
        }

        return (Median(ours), Median(bare));
    }

    /// <summary>Median milliseconds of an optimiser step alone: our fused one and TorchSharp's own, in turn.</summary>
    /// <remarks>Where TorchSharp has none of the kind (LAMB, Lion), its AdamW stands beside ours.</remarks>
    public static (double Ours, double TorchSharp) Optimizer(string model, OptimizerKind kind, int steps)
    {
        using var module = ModelCatalog.Find(model).Create(1000);
        foreach (var parameter in module.parameters())
        {
            parameter.grad = randn_like(parameter).mul_(0.01);
        }

        using var fused = ParameterOptimizer.Create(module, new OptimizerOptions { Kind = kind, LearningRate = 1e-4 });
        using optim.Optimizer own = kind switch
        {
            OptimizerKind.Sgd => optim.SGD(module.parameters(), 1e-4, 0.9, weight_decay: 5e-4, nesterov: true),
            OptimizerKind.Adam => optim.Adam(module.parameters(), 1e-4),
            OptimizerKind.RmsProp => optim.RMSProp(module.parameters(), 1e-4, momentum: 0.9),
            _ => optim.AdamW(module.parameters(), 1e-4),
        };
        return InTurn(
            steps,
            () =>
            {
                using var scope = NewDisposeScope();
                fused.Step(1e-4);
            },
            () =>
            {
                using var scope = NewDisposeScope();
                own.step();
            });
    }

    /// <summary>Live tensors and resident bytes after 100 steps and after <paramref name="steps"/>.</summary>
    public static (long TensorsBefore, long TensorsAfter, long BytesBefore, long BytesAfter) Leak(int steps)
    {
        using var rig = new Rig("resnet10_small", 28, 16);
        using var meter = new TrainingMeter(CPU);
        var step = new TrainStep(rig.Model, rig.Input, rig.Optimizer, Options(), Objective(), meter);
        (long, long) before = default;
        for (var i = 0; i < steps; i++)
        {
            step.Run(rig.Batch, 0.01);
            if (i == 99)
            {
                before = Now();
            }
        }

        var after = Now();
        return (before.Item1, after.Item1, before.Item2, after.Item2);

        static (long, long) Now()
        {
            using var self = Process.GetCurrentProcess();
            return (DisposeScopeManager.Statistics.ThreadTotalLiveCount, self.WorkingSet64);
        }
    }

    private static TrainOptions Options(Precision precision = Precision.Fp32) => new() { LabelSmoothing = 0.1, Precision = precision };

    private static TrainingObjective Objective() => new(new CrossEntropyLoss(0.1, null));

    private static (double First, double Second) InTurn(int steps, Action first, Action second)
    {
        var times = Enumerable.Range(0, steps + 3).Select(_ => (First: Time(first), Second: Time(second))).Skip(3).ToList();
        return (Median(times.Select(time => time.First)), Median(times.Select(time => time.Second)));
    }

    private static double Median(int steps, Action action) => Median(Enumerable.Range(0, steps + 3).Select(_ => Time(action)).ToList().Skip(3));

    private static double Median(IEnumerable<double> values)
    {
        var sorted = values.Order().ToArray();
        return (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2;
    }

    private static double Time(Action action)
    {
        var began = Stopwatch.GetTimestamp();
        action();
        return Stopwatch.GetElapsedTime(began).TotalMilliseconds;
    }

    private sealed class Rig : IDisposable
    {
        private readonly BatchLoader _loader;

        public Rig(string model, int size, int batch, MemoryLayout layout = MemoryLayout.Nhwc)
        {
            set_num_threads(int.TryParse(Environment.GetEnvironmentVariable("OMP_NUM_THREADS"), out var threads) ? threads : 2);
            manual_seed(1);
            var variant = ModelCatalog.Find(model);
            Model = variant.Create(10);
            Model.train();
            ModelInput.MatchLayout(Model, layout);
            var preprocessing = variant.Preprocessing with { CropSize = size, ResizeSize = size };
            Input = new ModelInput(preprocessing, CPU, layout);
            Optimizer = ParameterOptimizer.Create(Model, Sgd);
            _loader = new BatchLoader(
                new NoiseImages(batch, size), Enumerable.Range(0, batch).Select(i => new Example(i, i % 10)).ToList(), preprocessing, null,
                new LoaderOptions { BatchSize = batch, Workers = 1 });
            Batch = _loader.Epoch(0).First();
        }

        public nn.Module<Tensor, Tensor> Model { get; }

        public ModelInput Input { get; }

        public ParameterOptimizer Optimizer { get; }

        public ImageBatch Batch { get; }

        public void Dispose()
        {
            Batch.Dispose();
            _loader.Dispose();
            Optimizer.Dispose();
            Input.Dispose();
            Model.Dispose();
        }
    }

    private sealed class NoiseImages(int count, int size) : IImageSource
    {
        public int Count => count;

        public string Name(int index) => $"noise/{index}";

        public PixelImage Decode(int index, int shortSide)
        {
            var pixels = new byte[size * size * 3];
            new Random(index).NextBytes(pixels);
            return new PixelImage(pixels, size, size);
        }
    }
}
