namespace Sightline.Training;

/// <summary>How a run fits into memory: what was decided so far. Stored in each checkpoint, so that a resumed run need not learn it again.</summary>
internal sealed record MemoryState
{
    /// <summary>Into how many parts a batch is divided on its way through the model; the effective batch stays.</summary>
    public int Parts { get; init; } = 1;

    /// <summary>Into how many parts a validation batch is divided.</summary>
    public int ValidationParts { get; init; } = 1;

    /// <summary>What is computed again.</summary>
    public Checkpointing Checkpointing { get; init; }

    /// <summary>fp32 or bf16.</summary>
    public Precision Precision { get; init; }

    /// <summary>Whether freed blocks go back to the system at once.</summary>
    public bool IsCompact { get; init; }
}
