using System.Diagnostics;
using Sightline.Data;
using Sightline.Inference;
using Sightline.Models;
using Sightline.Native;
using Sightline.Runs;
using Sightline.Training.Distillation;
using Sightline.Training.Losses;
using TorchSharp;
using static TorchSharp.torch;

namespace Sightline.Training;

/// <summary>What two training steps and one validation batch on noise really took. For a process of its own, which it leaves with a high mark.</summary>
internal sealed record MemoryProbe
{
    private const int Steps = 2;

    /// <summary>Bytes resident before the model was made: the program and its libraries.</summary>
    public required long BaseBytes { get; init; }

    /// <summary>Most bytes resident at once.</summary>
    public required long PeakBytes { get; init; }

    /// <summary>Milliseconds of the last training step.</summary>
    public required double StepMilliseconds { get; init; }

    /// <summary>Runs the steps in this process.</summary>
    /// <param name="settings">A run's settings; its data are not opened.</param>
    /// <param name="parts">Into how many parts a batch is divided; null takes what the settings say.</param>
    /// <param name="steps">Training steps; at least 1.</param>
    /// <exception cref="PlatformNotSupportedException">The system does not tell a process's memory.</exception>
    public static MemoryProbe Run(RunSettings settings, int? parts = null, int steps = Steps)
    {
        NativeRuntime.EnsureLoaded();
        var state = new MemoryLadder(settings).Start;
        if (state.IsCompact)
        {
            Allocator.Compact();
        }

        var options = settings.Options;
        set_num_threads(options.Threads ?? Environment.ProcessorCount);
        manual_seed(options.Seed);
        var device = Devices.Choose(options.Device);
        var size = settings.Preprocessing.CropSize;
        var classes = settings.Classes.Count;
        WarmUp();
        var before = ProcessMemory.Resident ?? throw new PlatformNotSupportedException("A probe needs Linux's /proc.");
        ProcessMemory.ResetPeak();

        using var model = ModelCatalog.Find(settings.Model).Create(classes);
        model.to(device);
        var layout = options.Layout == MemoryLayout.Auto ? MemoryLayout.Nhwc : options.Layout;
        ModelInput.MatchLayout(model, layout);
        using var input = new ModelInput(settings.Preprocessing, device, layout);
        var transfer = new Transfer(model, options.Transfer, settings.Model);
        using var optimizer = ParameterOptimizer.Create(model, options.Optimizer, groups: transfer.Groups());
        using var meter = new TrainingMeter(device);
        using var objective = new TrainingObjective(TrainingLosses.Create(options, Enumerable.Repeat(1L, classes).ToArray(), device), Teacher.Load(settings, device));
        new Regulariser(model, options).At(1, 1); // As at the end of the run.
        using var step = new TrainStep(model, input, optimizer, options, objective, meter) { Pass = ModelPass.Create(model, settings, state) };
        using var batch = Noise(options.BatchSize, size, classes, options.Seed);
        model.train();
        if (options.Transfer.UnfreezeEpochs.Count == 0)
        {
            transfer.Begin(0); // Else all stages learn in the end, which takes the most.
        }

        var milliseconds = 0.0;
        for (var i = 0; i < steps; i++)
        {
            var began = Stopwatch.GetTimestamp();
            step.Run(batch, 1e-6, parts: parts ?? state.Parts);
            milliseconds = Stopwatch.GetElapsedTime(began).TotalMilliseconds;
        }

        model.eval();
        var validationParts = Math.Max(state.ValidationParts, parts ?? 1);
        using (inference_mode())
        using (NewDisposeScope())
        {
            model.call(input.Images(batch).narrow(0, 0, (options.BatchSize + validationParts - 1) / validationParts)).cpu();
        }

        return new MemoryProbe { BaseBytes = before, PeakBytes = ProcessMemory.Peak!.Value, StepMilliseconds = milliseconds }; // As above, there is /proc.
    }

    // Kernels and thread pools come with their first use; they belong to the program, not to the model.
    private static void WarmUp()
    {
        using var scope = NewDisposeScope();
        var x = randn(1, 8, 16, 16).requires_grad_(true);
        nn.functional.conv2d(x, randn(8, 8, 3, 3)).relu().sum().backward();
    }

    private static ImageBatch Noise(int count, int size, int classes, long seed)
    {
        var pool = new BufferPool();
        var pixels = pool.Rent(count * size * size * 3);
        new Random((int)seed).NextBytes(pixels);
        return new ImageBatch(pool, pixels, size, Enumerable.Range(0, count).Select(i => (long)(i % classes)).ToArray(), new int[count]);
    }
}
