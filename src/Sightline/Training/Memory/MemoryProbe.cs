using System.Diagnostics;
using System.Text.Json.Serialization;
using Sightline.Compute.Monitoring;
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

/// <summary>How many steps a probe takes.</summary>
/// <param name="Steps">Steps that count; at least 1.</param>
/// <param name="WarmUp">Steps before them: kernels are chosen and memory is fetched in these.</param>
/// <param name="Seconds">After this long no further step begins, once <see cref="LeastSteps"/> count; null for no bound.</param>
internal sealed record ProbeLength(int Steps = 2, int WarmUp = 0, double? Seconds = null)
{
    /// <summary>So many steps count however long they take, or all where fewer are asked for.</summary>
    public const int LeastSteps = 3;
}

/// <summary>What a GPU showed of a probe; null says that its driver does not tell.</summary>
/// <param name="Name">The driver's name of it.</param>
/// <param name="TotalBytes">Its memory in all.</param>
/// <param name="Bytes">What the probe's process holds of it, context and kernels included.</param>
internal sealed record ProbedGpu(string? Name, double? TotalBytes, double? Bytes);

/// <summary>What a few training steps and one validation batch on noise really took. For a process of its own, which it leaves with a high mark.</summary>
internal sealed record MemoryProbe
{

    /// <summary>Bytes resident before the model was made: the program and its libraries.</summary>
    public required long BaseBytes { get; init; }

    /// <summary>Most bytes resident at once.</summary>
    public required long PeakBytes { get; init; }

    /// <summary>Milliseconds of each step that counts, in their order.</summary>
    public required IReadOnlyList<double> StepTimes { get; init; }

    /// <summary>Milliseconds of the last training step.</summary>
    [JsonIgnore]
    public double StepMilliseconds => StepTimes[^1];

    /// <summary>Warm-up steps that were taken; fewer than asked for where they were slow.</summary>
    public int WarmUp { get; init; }

    /// <summary>The GPU that was used; null on a CPU.</summary>
    public ProbedGpu? Gpu { get; init; }

    /// <summary>Runs the steps in this process.</summary>
    /// <param name="settings">A run's settings; its data are not opened.</param>
    /// <param name="parts">Into how many parts a batch is divided; null takes what the settings say.</param>
    /// <param name="length">Training steps; null takes two.</param>
    /// <exception cref="PlatformNotSupportedException">The system does not tell a process's memory.</exception>
    public static MemoryProbe Run(RunSettings settings, int? parts = null, ProbeLength? length = null)
    {
        length ??= new ProbeLength();
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
        using var gpus = device.type == DeviceType.CUDA ? new NvmlMonitor() : null;
        var gpusBefore = gpus?.Read();
        WarmUpKernels();
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

        var (warmUp, times) = Take(length, device, () => step.Run(batch, 1e-6, parts: parts ?? state.Parts));

        model.eval();
        var validationParts = Math.Max(state.ValidationParts, parts ?? 1);
        using (inference_mode())
        using (NewDisposeScope())
        {
            model.call(input.Images(batch).narrow(0, 0, (options.BatchSize + validationParts - 1) / validationParts)).cpu();
        }

        return new MemoryProbe
        {
            BaseBytes = before,
            PeakBytes = ProcessMemory.Peak!.Value, // As above, there is /proc.
            StepTimes = times,
            WarmUp = warmUp,
            Gpu = gpus is null ? null : Used(gpusBefore ?? [], gpus.Read()),
        };
    }

    /// <summary>The GPU that this process uses: the one that names it, else the one whose memory grew most.</summary>
    internal static ProbedGpu Used(IReadOnlyList<GpuReading> before, IReadOnlyList<GpuReading> after)
    {
        foreach (var reading in after)
        {
            if (reading.Processes?.FirstOrDefault(process => process.Pid == Environment.ProcessId) is { MemoryBytes: { } own })
            {
                return new ProbedGpu(reading.Name, reading.MemoryTotalBytes, own);
            }
        }

        // In a container the driver counts processes by other numbers.
        var (grown, bytes) = after.Select(reading => (reading, Bytes: reading.MemoryUsedBytes - before.FirstOrDefault(old => old.Index == reading.Index)?.MemoryUsedBytes))
            .OrderByDescending(entry => entry.Bytes ?? double.MinValue).FirstOrDefault();
        return new ProbedGpu(grown?.Name, grown?.MemoryTotalBytes, bytes > 0 ? bytes : null);
    }

    private static (int WarmUp, IReadOnlyList<double> Times) Take(ProbeLength length, Device device, Action step)
    {
        var began = Stopwatch.GetTimestamp();
        bool IsLate() => length.Seconds is { } seconds && Stopwatch.GetElapsedTime(began).TotalSeconds > seconds;
        var (warmUp, times) = (0, new List<double>());
        while (warmUp < length.WarmUp && (warmUp == 0 || length.Seconds is not { } most || Stopwatch.GetElapsedTime(began).TotalSeconds < most / 10))
        {
            Time();
            warmUp++;
        }

        while (times.Count < length.Steps && (times.Count < ProbeLength.LeastSteps || !IsLate()))
        {
            times.Add(Time());
        }

        return (warmUp, times);

        double Time()
        {
            Synchronize();
            var start = Stopwatch.GetTimestamp();
            step();
            Synchronize();
            return Stopwatch.GetElapsedTime(start).TotalMilliseconds;
        }

        // A GPU's kernels run on while the call has long returned.
        void Synchronize()
        {
            if (device.type == DeviceType.CUDA)
            {
                cuda.synchronize(device);
            }
        }
    }

    // Kernels and thread pools come with their first use; they belong to the program, not to the model.
    private static void WarmUpKernels()
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
