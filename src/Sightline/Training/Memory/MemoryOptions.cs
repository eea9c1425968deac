namespace Sightline.Training;

/// <summary>Settings of what a run may do to fit into memory.</summary>
public sealed record MemoryOptions
{
    /// <summary>
    /// Gradient checkpointing: the backward pass computes parts of the forward pass again, so that their results need not be kept. Values and
    /// gradients stay the same; a step takes about a third longer. Off by default; the run switches to balanced by itself where memory runs out.
    /// </summary>
    public Checkpointing Checkpointing { get; init; }
}
