using Sightline.Cli.CommandLine;
using Sightline.Cli.Memory;
using Sightline.Compute.Gpus;
using Sightline.Compute.Monitoring;
using Sightline.Compute.Planning;
using Sightline.Models;
using Sightline.Native;
using Sightline.Runs;
using Sightline.Training;
using TorchSharp;

namespace Sightline.Cli.Gpus;

/// <summary>Takes steps of a planned job on this machine, in processes of their own, and keeps what they took.</summary>
internal static class JobProbe
{
    private const int UsualBatch = 256; // As the planner's.
    private static readonly ProbeLength _length = new(Steps: 20, WarmUp: 3, Seconds: 120);

    /// <summary>Measures, or finds what was measured before with the same model, size, batch, precision, machine and versions.</summary>
    /// <param name="invocation">Told what is done.</param>
    /// <param name="job">The job.</param>
    /// <param name="given">The recipe's settings.</param>
    /// <param name="classes">Number of classes.</param>
    /// <param name="isAgain">Whether to measure anew in any case.</param>
    /// <exception cref="MemoryException">Not even one picture survives.</exception>
    public static StepMeasurement Measure(Invocation invocation, TrainingJob job, TrainOptions given, int classes, bool isAgain)
    {
        NativeRuntime.EnsureLoaded();
        var device = Devices.Choose(given.Device);
        var settings = Settings(job, given, classes, device);
        var name = device.type == DeviceType.CUDA ? GpuName(device) ?? "CUDA GPU" : settings.Environment.Processor;
        var cache = new MeasurementCache<StepMeasurement>(NativeRuntime.CacheFolder, "steps.json", seen => seen.Steps > 0);
        var key = Key(settings, given, name);
        if (!isAgain && cache.Find(key) is { } known)
        {
            return known;
        }

        // What precision and layout are left to measurement is decided as a run decides it.
        settings = PassProbe.Decide(settings, device.type == DeviceType.CUDA ? settings.Options.Precision : given.Precision);
        var measured = Steps(invocation, settings, device, name);
        cache.Add(key, measured);
        return measured;
    }

    private static RunSettings Settings(TrainingJob job, TrainOptions given, int classes, torch.Device device)
    {
        var size = job.Model.Size;
        var isGpu = device.type == DeviceType.CUDA;
        // The plan is one in mixed precision unless FP32 is asked for; a run on a GPU takes it when it is told to.
        var mixed = !Autocast.IsAvailable ? Precision.Fp32 : GpuRow(device) is { Bf16Tflops: null } ? Precision.Fp16 : Precision.Bf16;
        return new RunSettings
        {
            CreatedAt = DateTimeOffset.UnixEpoch,
            Model = job.Model.Name,
            Classes = [.. Enumerable.Range(0, classes).Select(i => $"class{i}")],
            Preprocessing = ModelCatalog.Find(job.Model.Name).Preprocessing with { CropSize = size, ResizeSize = size },
            DataLocation = "",
            DataVersion = "",
            Options = given with
            {
                Model = job.Model.Name,
                Size = size,
                BatchSize = (int)Math.Min(job.Batch ?? UsualBatch, Math.Max(job.Pictures, 1)),
                // Which values the weights have changes no time, and a teacher is another run's.
                Weights = null,
                Pretrained = null,
                Distill = new DistillOptions(),
                Precision = isGpu && given.Precision == Precision.Auto ? mixed : Devices.Choose(given.Precision, device),
                Threads = given.Threads ?? Environment.ProcessorCount,
            },
        };
    }

    private static StepMeasurement Steps(Invocation invocation, RunSettings settings, torch.Device device, string name)
    {
        var isGpu = device.type == DeviceType.CUDA;
        var limit = isGpu ? null : MemoryPlan.Limit(settings); // The plan is of this process's memory, not of a GPU's.
        for (var batch = settings.Options.BatchSize; batch >= 1; batch = BatchChoice.Below(batch))
        {
            var tried = WithBatch(settings, batch);
            var ladder = new MemoryLadder(tried);
            if (limit is not null && ladder.Needed(new MemorySimulation(tried), ladder.Start, 0) > limit.Room)
            {
                invocation.Say($"A step of {batch} pictures does not fit into this machine's memory by the plan; a smaller one is measured.");
                continue;
            }

            invocation.Say($"Measuring {_length.Steps} steps of {batch} pictures on {name}; two minutes at most, or three steps where they are longer.");
            var seen = ProbeProcess.Run(tried, ladder.Start.Parts, _length);
            if (seen is { Outcome: ProbeOutcome.Done, Seen: { } steps })
            {
                var half = batch > 1 ? ProbeProcess.Run(WithBatch(settings, batch / 2), ladder.Start.Parts).Seen : null;
                return Of(tried, steps, half, batch / 2, device, name, limit);
            }

            if (seen.Outcome == ProbeOutcome.Failed)
            {
                throw new SightlineException(ExitCode.Unexpected, $"The probe failed: {seen.Message}");
            }

            invocation.Say($"A step of {batch} pictures did not survive: {seen.Message}.");
        }

        throw new MemoryException("Not even one picture at a time survives a training step here. Take a smaller --size or --model, or leave --probe out.");
    }

    private static StepMeasurement Of(RunSettings settings, MemoryProbe seen, MemoryProbe? half, int halfBatch, torch.Device device, string name, MemoryLimit? limit)
    {
        var isGpu = device.type == DeviceType.CUDA;
        double? Peak(MemoryProbe? probe) => isGpu ? probe?.Gpu?.Bytes : probe?.PeakBytes;
        var (batch, peak) = (settings.Options.BatchSize, Peak(seen));
        var perPicture = (peak - Peak(half)) / (batch - halfBatch) is { } slope and > 0 ? slope : (double?)null;
        var room = isGpu ? GpuRow(device)?.UsableBytes ?? seen.Gpu?.TotalBytes : limit?.Room;
        var sorted = seen.StepTimes.Order().ToList();
        return new StepMeasurement
        {
            DeviceName = name,
            IsGpu = isGpu,
            GpuId = GpuRow(device)?.Id,
            Precision = settings.Options.Precision.ToString().ToLowerInvariant(),
            Batch = batch,
            Steps = sorted.Count,
            WarmUp = seen.WarmUp,
            MedianMilliseconds = (sorted[(sorted.Count - 1) / 2] + sorted[sorted.Count / 2]) / 2,
            LowMilliseconds = sorted[0],
            HighMilliseconds = sorted[^1],
            PeakBytes = peak,
            BytesPerPicture = perPicture,
            LargestBatch = batch + ((room - peak) / perPicture) is { } most and > 0 ? (int)Math.Min(most, 65_536) : null,
            MeasuredAt = DateTimeOffset.UtcNow,
        };
    }

    private static RunSettings WithBatch(RunSettings settings, int batch) => settings with { Options = settings.Options with { BatchSize = batch } };

    private static string Key(RunSettings settings, TrainOptions given, string device)
    {
        var options = settings.Options;
        return string.Join(
            " | ", settings.Model, $"{options.Size} px", $"{settings.Classes.Count} classes", $"{options.BatchSize} pictures", given.Precision, options.Layout, options.Optimizer.Kind,
            $"parts of {options.Memory.MicroBatch}", options.Memory.Checkpointing, options.Memory.Allocator, device, $"{options.Threads} threads", settings.Environment.LibTorch,
            settings.SightlineVersion, typeof(Trainer).Assembly.ManifestModule.ModuleVersionId);
    }

    private static GpuReading? Reading(torch.Device device)
    {
        using var monitor = new NvmlMonitor();
        return monitor.Read().FirstOrDefault(reading => reading.Index == device.index);
    }

    private static string? GpuName(torch.Device device) => Reading(device)?.Name;

    private static Gpu? GpuRow(torch.Device device) => device.type == DeviceType.CUDA && Reading(device) is { MemoryTotalBytes: { } bytes } seen ? GpuCatalog.Seen(seen.Name, bytes) : null;
}
