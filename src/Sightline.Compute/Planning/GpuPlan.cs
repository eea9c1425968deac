using Sightline.Compute.Gpus;

namespace Sightline.Compute.Planning;

/// <summary>How a job would run on one GPU.</summary>
public sealed record GpuPlan
{
    /// <summary>The GPU.</summary>
    public required Gpu Gpu { get; init; }

    /// <summary>Why the job cannot run there; null when it can. The other values are then null.</summary>
    public string? Refusal { get; init; }

    /// <summary><c>bf16</c>, <c>fp16</c>, <c>tf32</c> or <c>fp32</c>.</summary>
    public string? Precision { get; init; }

    /// <summary>Batch, precision and checkpointing as planned. The batch is the micro-batch when gradients must be accumulated.</summary>
    public TrainingSetup? Setup { get; init; }

    /// <summary>Steps whose gradients are added up to reach the batch that was asked for; 1 when it fits at once.</summary>
    public int Accumulation { get; init; } = 1;

    /// <summary>The largest batch that fits with this precision, with the margin.</summary>
    public int? LargestBatch { get; init; }

    /// <summary>Memory of a step.</summary>
    public MemoryEstimate? Memory { get; init; }

    /// <summary>Images per second.</summary>
    public SpeedEstimate? Speed { get; init; }

    /// <summary>Hours of training, without set-up.</summary>
    public double? Hours { get; init; }

    /// <summary>Hours at the high end of the speed.</summary>
    public double? LowHours { get; init; }

    /// <summary>Hours at the low end of the speed.</summary>
    public double? HighHours { get; init; }
}
