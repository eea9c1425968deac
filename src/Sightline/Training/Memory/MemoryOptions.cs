namespace Sightline.Training;

/// <summary>What becomes of memory that a step has freed (glibc; elsewhere there is no choice).</summary>
public enum AllocatorKind
{
    /// <summary>It is kept for the next step: fast, and up to 1.8 times the memory of the tensors.</summary>
    Fast,

    /// <summary>It goes back to the system: least memory, but steps take 1.3 to 2.5 times as long on a CPU, since the system clears each page anew.</summary>
    Compact,
}

/// <summary>Settings of what a run may do to fit into memory.</summary>
public sealed record MemoryOptions
{
    /// <summary>
    /// Gradient checkpointing: the backward pass computes parts of the forward pass again, so that their results need not be kept. Values and
    /// gradients stay the same; a step takes 15 to 40 percent longer. Off by default; the run switches to balanced by itself where memory runs out.
    /// </summary>
    public Checkpointing Checkpointing { get; init; }

    /// <summary>
    /// Most pictures that go through the model at once; 1 to 65,536. A larger batch is divided, its gradients are added up: the same step in less
    /// memory, but norm layers see the statistics of a part. Null takes the whole batch, and less where that does not fit.
    /// </summary>
    public int? MicroBatch { get; init; }

    /// <summary>What becomes of freed memory. Fast by default; the run switches to compact by itself where memory is short.</summary>
    public AllocatorKind Allocator { get; init; }

    /// <summary>Bytes that the run may use at most; null reads what the machine, its control groups and process limits leave.</summary>
    public long? LimitBytes { get; init; }

    /// <summary>Whether a run that does not fit, or whose memory runs out, may divide batches, switch checkpointing on and go to bf16. Else it ends.</summary>
    public bool Adapt { get; init; } = true;

    /// <summary>All problems with these values, empty when sound.</summary>
    public IEnumerable<string> Check()
    {
        if (MicroBatch is < 1 or > 65_536)
        {
            yield return $"MicroBatch is {MicroBatch}; it must be from 1 to 65536, or null for the automatic choice. Pass --set memory.microBatch=16.";
        }

        if (LimitBytes is < 1)
        {
            yield return $"LimitBytes is {LimitBytes}; it must be above 0, or null for the automatic choice. Pass --set memory.limitBytes=4000000000.";
        }
    }
}
