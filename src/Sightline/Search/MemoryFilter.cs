using System.Collections.Concurrent;
using System.Text.Json;
using Sightline.Data;
using Sightline.Runs;
using Sightline.Training;
using Sightline.Tuning;

namespace Sightline.Search;

/// <summary>What of a search space fits into memory, by the plan of a run before it is made. Repairs first: the batch is divided and parts are computed again,
/// so that the step stays the one asked for; only what does not fit then is refused.</summary>
internal sealed class MemoryFilter
{
    private readonly TrainOptions _recipe;
    private readonly ImageDataset _data;
    private readonly long? _limitBytes;
    private readonly ConcurrentDictionary<string, IReadOnlyList<(MemoryState State, long Bytes)>> _plans = new(StringComparer.Ordinal);

    /// <param name="recipe">What the configurations change.</param>
    /// <param name="data">Decides on size and classes; its pictures are not read again.</param>
    /// <param name="limitBytes">What a trial may use; null for no limit.</param>
    public MemoryFilter(TrainOptions recipe, ImageDataset data, long? limitBytes) => (_recipe, _data, _limitBytes) = (recipe, data, limitBytes);

    /// <summary>What trials have taught about the plan.</summary>
    public MemoryCorrection Correction { get; } = new();

    /// <summary>Whether a configuration may be tried: its settings are sound and fit into memory, after repair where needed. Settings that contradict each other are refused like
    /// those that do not fit.</summary>
    public bool Allows(Configuration configuration) => Planned(configuration) is not null;

    /// <summary>What a trial of a configuration is planned to need, after repair, bytes; null where it does not fit or its settings are not sound.</summary>
    public long? Planned(Configuration configuration)
    {
        try
        {
            return Fit(TrialSettings.Apply(_recipe, configuration))?.PlannedBytes;
        }
        catch (SettingsException)
        {
            return null;
        }
    }

    /// <summary>The settings with which a trial fits.</summary>
    /// <param name="options">The settings asked for.</param>
    /// <returns>The same, or with smaller parts and checkpointing; null where nothing fits. With the bytes planned.</returns>
    public (TrainOptions Options, long PlannedBytes)? Fit(TrainOptions options)
    {
        foreach (var (state, bytes) in Plans(options))
        {
            if (_limitBytes is not { } limit || bytes * Correction.Factor <= limit)
            {
                var memory = options.Memory with
                {
                    MicroBatch = state.Parts > 1 ? (options.BatchSize + state.Parts - 1) / state.Parts : options.Memory.MicroBatch,
                    Checkpointing = state.Checkpointing,
                    Allocator = state.IsCompact ? AllocatorKind.Compact : options.Memory.Allocator,
                };
                return (options with { Memory = memory, Precision = state.Precision }, bytes);
            }
        }

        return null;
    }

    /// <summary>Tells how much a trial used.</summary>
    public void Observe(long plannedBytes, long observedBytes) => Correction.Observe(plannedBytes, observedBytes);

    /// <summary>Tells that a trial did not fit although its plan did.</summary>
    public void ObserveOutOfMemory(long plannedBytes) => Correction.ObserveOutOfMemory(plannedBytes, _limitBytes ?? plannedBytes);

    // Each step down the ladder with what it needs, once per kind of run: the plan follows a step on the meta device, a tenth of a second.
    private IReadOnlyList<(MemoryState State, long Bytes)> Plans(TrainOptions options) => _plans.GetOrAdd(Key(options), _ =>
    {
        var settings = Trainer.Resolve(options, _data);
        var ladder = new MemoryLadder(settings);
        var simulation = new MemorySimulation(settings);
        var pictures = MemoryPlan.PictureBytesOf(settings, _data);
        var plans = new List<(MemoryState, long)>();
        for (var state = ladder.Start; state is not null; state = options.Memory.Adapt ? ladder.Below(state) : null)
        {
            plans.Add((state, ladder.Needed(simulation, state, pictures)));
        }

        return plans;
    });

    private static string Key(TrainOptions options) => JsonSerializer.Serialize(
        new object?[] { options.Model, options.Size, options.BatchSize, options.Accumulation, options.Precision, options.Optimizer.Kind, options.Averaging.Kind, options.Memory, options.Transfer },
        SightlineJson.Line);
}
