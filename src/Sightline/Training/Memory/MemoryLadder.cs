using System.Globalization;
using Sightline.Native;
using Sightline.Runs;

namespace Sightline.Training;

/// <summary>The steps down that let a run go on with less memory, cheapest first.</summary>
/// <remarks>
/// 1. Memory that is free goes back to the system. 2. Batches are divided, down to parts of four pictures: gradients are added up, so that the
/// step stays the one of the whole batch, but norm layers see the statistics of a part. 3. Gradient checkpointing. 4. bf16, where the processor
/// or GPU computes in it. Then the run ends with what would fit.
/// </remarks>
internal sealed class MemoryLadder
{
    // Fewer give batch norms statistics that no longer resemble those of the data (Wu and He 2018, figure 1: error rises from 16 down, steeply at 4 and 2).
    public const int SmallestPart = 4;

    // Measured: what the allocator holds, keeping freed blocks, over the tensors' bytes (docs/memory.md).
    private const double KeptBlocks = 1.8;

    private readonly RunSettings _settings;
    private readonly bool _hasShort;

    public MemoryLadder(RunSettings settings, bool? hasShortPrecision = null)
    {
        _settings = settings;
        _hasShort = hasShortPrecision ?? Devices.Choose(Precision.Auto, Devices.Choose(settings.Options.Device)) == Precision.Bf16;
    }

    /// <summary>Where a run of the settings begins.</summary>
    public MemoryState Start => new()
    {
        Parts = StartParts,
        ValidationParts = StartParts,
        Checkpointing = _settings.Options.Memory.Checkpointing,
        Precision = _settings.Options.Precision,
        IsCompact = _settings.Options.Memory.Allocator == AllocatorKind.Compact,
    };

    private int StartParts => _settings.Options.Memory.MicroBatch is { } most ? Math.Max(1, (Batch + most - 1) / most) : 1;

    private int Batch => _settings.Options.BatchSize;

    /// <summary>The next step down; null at the bottom.</summary>
    public MemoryState? Below(MemoryState state) => state switch
    {
        { IsCompact: false } => state with { IsCompact = true },
        _ when Batch / (state.Parts * 2) >= SmallestPart => state with { Parts = state.Parts * 2, ValidationParts = Math.Max(state.ValidationParts, state.Parts * 2) },
        { Checkpointing: not Checkpointing.Balanced } => state with { Checkpointing = Checkpointing.Balanced },
        { Precision: Precision.Fp32 } when _hasShort => state with { Precision = Precision.Bf16 },
        _ => null,
    };

    /// <summary>The next step down while validating, where a batch may be divided to single pictures: no norm sees its statistics.</summary>
    public MemoryState? BelowInValidation(MemoryState state) => state switch
    {
        { IsCompact: false } => state with { IsCompact = true },
        _ when state.ValidationParts * 2 <= Batch => state with { ValidationParts = state.ValidationParts * 2 },
        _ => null,
    };

    /// <summary>The last step down from a state.</summary>
    public MemoryState Bottom(MemoryState state)
    {
        while (Below(state) is { } next)
        {
            state = next;
        }

        return state;
    }

    /// <summary>The first step, from a state on, whose plan fits; null where none does.</summary>
    /// <param name="simulation">Of the run's model.</param>
    /// <param name="from">Where to begin.</param>
    /// <param name="limit">Bytes that there are.</param>
    /// <param name="pictureBytes">What the loader holds.</param>
    public MemoryState? Fitting(MemorySimulation simulation, MemoryState from, long limit, long pictureBytes)
    {
        for (var state = from; state is not null; state = Below(state))
        {
            if (Needed(simulation, state, pictureBytes) <= limit)
            {
                return state;
            }
        }

        return null;
    }

    /// <summary>The memory that a state needs, with what the allocator holds beside the tensors.</summary>
    public long Needed(MemorySimulation simulation, MemoryState state, long pictureBytes)
    {
        var plan = simulation.Plan(Batch, state, pictureBytes);
        var fixedBytes = plan.ProgramBytes + pictureBytes;
        var peak = Math.Max(plan.PeakBytes, plan.ValidationBytes);
        return state.IsCompact ? peak : fixedBytes + (long)((peak - fixedBytes) * KeptBlocks);
    }

    /// <summary>What changed from one state to the next, in words for the log.</summary>
    public string Describe(MemoryState from, MemoryState to)
    {
        var changes = new List<string>();
        if (to.IsCompact && !from.IsCompact)
        {
            changes.Add("freed memory goes back to the system at once (steps take longer)");
        }

        if (to.Parts != from.Parts)
        {
            changes.Add(string.Create(CultureInfo.InvariantCulture,
                $"each batch of {Batch} goes through the model in {to.Parts} parts of at most {(Batch + to.Parts - 1) / to.Parts}, their gradients added up; norm layers see a part's statistics"));
        }

        if (to.ValidationParts != from.ValidationParts && to.Parts == from.Parts)
        {
            changes.Add(string.Create(CultureInfo.InvariantCulture, $"validation takes batches in {to.ValidationParts} parts, which changes no figure"));
        }

        if (to.Checkpointing != from.Checkpointing)
        {
            changes.Add("gradient checkpointing is on");
        }

        if (to.Precision != from.Precision)
        {
            changes.Add("the precision is bf16");
        }

        return string.Join("; ", changes);
    }
}
