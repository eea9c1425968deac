using System.Globalization;
using Sightline.Compute.Gpus;

namespace Sightline.Compute.Planning;

/// <summary>Finds precision, batch and checkpointing with which a job fits a GPU, and how long it takes.</summary>
public static class JobPlanner
{
    // Small enough to train well with the default learning rates, large enough to fill a GPU.
    private const int UsualBatch = 256;

    /// <summary>Plans a job for one GPU.</summary>
    /// <param name="job">The job.</param>
    /// <param name="gpu">The GPU.</param>
    /// <returns>The plan; one with a reason in <see cref="GpuPlan.Refusal"/> when the job cannot run there.</returns>
    /// <exception cref="ComputeException">A value of the job is out of its range.</exception>
    public static GpuPlan Plan(TrainingJob job, Gpu gpu)
    {
        if (job.Check().ToList() is { Count: > 0 } problems)
        {
            throw new ComputeException(ComputeTrouble.Usage, string.Join(Environment.NewLine, problems));
        }

        if (gpu.Refusal is { } refusal)
        {
            return new GpuPlan { Gpu = gpu, Refusal = refusal };
        }

        // Checkpointing costs a third of the time: only where nothing useful fits without it.
        var plain = new TrainingSetup { IsMixed = !job.IsSinglePrecision, OptimizerValues = job.OptimizerValues, HasAveragedWeights = job.HasAveragedWeights };
        var wanted = job.Batch ?? UsualBatch;
        var least = job.Batch ?? 8;
        var setup = MemoryEstimator.LargestBatch(job.Model, plain, gpu.UsableBytes, job.Measured) >= Math.Min(least, 8) ? plain : plain with { IsCheckpointed = true };
        var largest = MemoryEstimator.LargestBatch(job.Model, setup, gpu.UsableBytes, job.Measured);
        if (largest == 0)
        {
            var needed = MemoryEstimator.Estimate(job.Model, setup with { Batch = 1 }, job.Measured).HighBytes;
            return new GpuPlan
            {
                Gpu = gpu,
                Refusal = string.Create(CultureInfo.InvariantCulture,
                    $"One picture needs up to {needed / (1 << 30):0.0} GiB, even with checkpointing; {gpu.Name} has {gpu.UsableBytes / (1 << 30):0.0} GiB. Use a smaller size or model, or a larger GPU."),
            };
        }

        var accumulation = (wanted + largest - 1) / largest;
        var batch = job.Batch is null ? Math.Min(wanted, Even(largest)) : (wanted + accumulation - 1) / accumulation;
        setup = setup with { Batch = batch };
        var speed = SpeedEstimator.Estimate(job.Model, gpu, setup, job.Measured);
        double Hours(double imagesPerSecond) => job.TotalPictures / imagesPerSecond / 3600;
        return new GpuPlan
        {
            Gpu = gpu,
            Precision = setup.IsMixed ? gpu.MixedPrecision : gpu.HasTf32 ? "tf32" : "fp32",
            Setup = setup,
            Accumulation = job.Batch is null ? 1 : accumulation,
            LargestBatch = largest,
            Memory = MemoryEstimator.Estimate(job.Model, setup, job.Measured),
            Speed = speed,
            Hours = Hours(speed.ImagesPerSecond),
            LowHours = Hours(speed.HighImagesPerSecond),
            HighHours = Hours(speed.LowImagesPerSecond),
        };
    }

    // Tensor cores like multiples of 8.
    private static int Even(int batch) => batch >= 8 ? batch / 8 * 8 : batch;
}
