using Sightline.Native;
using Sightline.Runs;

namespace Sightline.Training;

/// <summary>Whether a run fits into the memory that there is, and what it would change where it does not.</summary>
/// <param name="Plan">The memory, term by term, as the settings say.</param>
/// <param name="Limit">What may be used; null where it is not known.</param>
/// <param name="NeededBytes">What would be held, the allocator's kept blocks included.</param>
/// <param name="IsCompact">Whether freed blocks go back to the system at once.</param>
/// <param name="Fits">Whether nothing has to change.</param>
/// <param name="Change">What the run would change so that it fits, in words; null where it fits as it is.</param>
/// <param name="IsPossible">Whether it fits at all, with or without a change.</param>
internal sealed record MemoryOutlook(MemoryPlan Plan, MemoryLimit? Limit, long NeededBytes, bool IsCompact, bool Fits, string? Change, bool IsPossible)
{
    // Measured: 'train plan' holds 197 to 214 MiB when it plans (mobilenet_v3_small to resnet50, Linux x64).
    private const long FreshProgramBytes = 214L << 20;

    /// <summary>Looks at a run's settings.</summary>
    /// <param name="settings">The settings; the data are not opened.</param>
    /// <param name="pictureBytes">What the loaders hold (<see cref="MemoryPlan.PictureBytesOf"/>).</param>
    /// <param name="isElsewhere">Whether a process of its own is to train, so that what this one holds is no part of the plan, and in its way.</param>
    public static MemoryOutlook Of(RunSettings settings, long pictureBytes, bool isElsewhere = false)
    {
        var ladder = new MemoryLadder(settings);
        var simulation = new MemorySimulation(settings, programBytes: isElsewhere ? FreshProgramBytes : null);
        var limit = MemoryPlan.Limit(settings);
        if (isElsewhere && limit is not null && settings.Options.Memory.LimitBytes is null)
        {
            limit = limit with { Bytes = Math.Max(0, limit.Bytes - (ProcessMemory.Resident ?? 0)) }; // The system's limits count this process's memory as free.
        }

        var fitting = limit is null ? ladder.Start : ladder.Fitting(simulation, ladder.Start, limit.Room, pictureBytes);
        var change = fitting is null ? "nothing fits: take a smaller --size or --model"
            : fitting == ladder.Start ? null
            : ladder.Describe(ladder.Start, fitting);
        return new MemoryOutlook(
            simulation.Plan(settings.Options.BatchSize, ladder.Start, pictureBytes), limit, ladder.Needed(simulation, ladder.Start, pictureBytes), ladder.Start.IsCompact,
            fitting == ladder.Start, change, fitting is not null);
    }
}
