using Sightline.Models;
using Sightline.Runs;
using Sightline.Training;

namespace Sightline.Benchmarks;

/// <summary>Peak memory and time of training steps, beside the plan.</summary>
internal static class MemoryBenchmark
{
    /// <summary>Writes base, peak and planned bytes without the base, and the milliseconds of the last step.</summary>
    public static void Run(string model, int size, int batch, Checkpointing checkpointing, Precision precision, AllocatorKind allocator, int steps, TextWriter output)
    {
        var settings = new RunSettings
        {
            CreatedAt = DateTimeOffset.UnixEpoch,
            Model = model,
            Classes = Enumerable.Range(0, 10).Select(i => $"class{i}").ToList(),
            Preprocessing = ModelCatalog.Find(model).Preprocessing with { CropSize = size, ResizeSize = size },
            DataLocation = "",
            DataVersion = "",
            Options = new TrainOptions { Model = model, BatchSize = batch, Threads = 2, Precision = precision, Memory = new MemoryOptions { Checkpointing = checkpointing, Allocator = allocator } },
        };
        var plan = MemoryPlan.Of(settings);
        var seen = MemoryProbe.Run(settings, length: new ProbeLength(steps));
        output.WriteLine($"{seen.BaseBytes} {seen.PeakBytes} {plan.PeakBytes - plan.ProgramBytes} {seen.StepMilliseconds:f0}");
    }
}
