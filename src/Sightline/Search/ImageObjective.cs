using Sightline.Compute.Gpus;
using Sightline.Data;
using Sightline.Native;
using Sightline.Runs;
using Sightline.Training;
using Sightline.Tuning;

namespace Sightline.Search;

/// <summary>Trials that are trainings: the value is the best validation accuracy, 0..1, and steps are training pictures seen.</summary>
/// <remarks>
/// Each trial is a run folder of its own within the trial's folder. What is there is used: a finished trial is read, an unfinished one goes on from its
/// checkpoint, bit by bit as if it had never stopped. The test split is left alone until a winner is named.
/// </remarks>
public sealed class ImageObjective : ITrialObjective
{
    private readonly ImageSearchOptions _options;
    private readonly ImageDataset _data;
    private readonly ImageDataset _trialData;
    private readonly IProgress<RunEvent>? _progress;
    private readonly MemoryFilter _memory;
    private readonly TrialCosts _costs;

    /// <summary>Prepares trials.</summary>
    /// <param name="options">How to run them.</param>
    /// <param name="data">What they learn, opened with the recipe's seed and shares.</param>
    /// <param name="progress">Told each event of the running trial; null for silence.</param>
    /// <exception cref="SettingsException">The options cannot be used; the message lists all problems.</exception>
    public ImageObjective(ImageSearchOptions options, ImageDataset data, IProgress<RunEvent>? progress = null)
    {
        var problems = options.Check().ToList();
        if (problems.Count > 0)
        {
            throw new SettingsException(string.Join(" ", problems));
        }

        NativeRuntime.EnsureLoaded();
        (_options, _data, _progress) = (options, data, progress);
        _trialData = data.With(NestedSubset.Of(data.Train, options.DataShare, options.Recipe.Seed), data.Validation, []);
        var limit = options.MemoryLimitBytes ?? MemoryPlan.Limit(Trainer.Resolve(options.Recipe, data))?.Bytes;
        _memory = new MemoryFilter(options.Recipe, _trialData, limit);
        _costs = new TrialCosts(options.Recipe, _trialData, options.PricePerHourUsd, options.GpuId is { } id ? GpuCatalog.Find(id) : null);
    }

    /// <summary>Training pictures that a full trial sees: the largest step, for <see cref="PrunerOptions.MaxStep"/>.</summary>
    public long FullStep => Fidelity.Full(_options.Recipe.Epochs, _trialData.Train.Count);

    /// <summary>Whether a configuration may be tried: its settings are sound, and fit into memory after division of batches and checkpointing.</summary>
    public bool Allows(Configuration configuration) => _memory.Allows(configuration);

    /// <summary>What a trial of a configuration is to need by the memory plan, after repair, bytes; null where it does not fit.</summary>
    public long? PlannedMemory(Configuration configuration) => _memory.Planned(configuration);

    /// <summary>How long a full trial of a configuration takes beside one of the recipe, by estimate.</summary>
    public double RelativeCost(Configuration configuration) => _costs.Relative(configuration);

    /// <inheritdoc/>
    public TrialOutcome Run(TrialContext context, CancellationToken cancellationToken)
    {
        (TrainOptions Options, long PlannedBytes) fitted;
        try
        {
            if (_memory.Fit(TrialSettings.Apply(_options.Recipe, context.Configuration)) is not { } found)
            {
                return TrialOutcome.Infeasible($"By the memory plan it does not fit, even in parts of {MemoryLadder.SmallestPart} pictures and with checkpointing.");
            }

            fitted = found;
        }
        catch (SettingsException error)
        {
            return TrialOutcome.Infeasible(error.Message);
        }

        var trial = new TrialRun(context, _progress);
        try
        {
            ProcessMemory.ResetPeak();
            var value = _options.Fidelity == FidelityMode.Prefix ? Prefix(trial, fitted.Options, cancellationToken) : Restart(trial, fitted.Options, cancellationToken);
            var peak = ProcessMemory.Peak;
            if (trial.HasTrained && peak is { } seen)
            {
                _memory.Observe(fitted.PlannedBytes, seen);
            }

            var outcome = value is { } accuracy ? TrialOutcome.Complete(accuracy) : TrialOutcome.Stopped;
            return outcome with { CostUsd = _costs.Of(trial.Seconds), PeakMemoryBytes = peak };
        }
        catch (MemoryException error)
        {
            _memory.ObserveOutOfMemory(fitted.PlannedBytes);
            return TrialOutcome.Infeasible(error.Message) with { CostUsd = _costs.Of(trial.Seconds), PeakMemoryBytes = ProcessMemory.Peak };
        }
        catch (DivergedException)
        {
            // A result like any other, and a telling one: no better than guessing.
            return TrialOutcome.Complete(1.0 / _data.Classes.Count) with { CostUsd = _costs.Of(trial.Seconds) };
        }
        catch (SettingsException error)
        {
            return TrialOutcome.Infeasible(error.Message);
        }
    }

    /// <summary>Trains a configuration to its end on all pictures with a seed of its own, and judges it on the test split too.</summary>
    internal RunFolder Repeat(Configuration configuration, long seed, string folder, string name, CancellationToken cancellationToken)
    {
        var options = TrialSettings.Apply(_options.Recipe, configuration) with { Seed = seed };
        var fitted = _memory.Fit(options)?.Options ?? options;
        return PartRun.Train(fitted, _data.With(_trialData.Train, _data.Validation, _data.Test), folder, name, _progress, cancellationToken);
    }

    /// <summary>Seconds that the runs in a trial's folder took.</summary>
    internal static double SecondsOf(string folder) => Directory.EnumerateDirectories(folder).Where(path => File.Exists(Path.Combine(path, "run.json")))
        .Sum(path => RunFolder.Open(path).ReadEvents().Select(told => told.Seconds).DefaultIfEmpty().Max());

    private double? Prefix(TrialRun trial, TrainOptions options, CancellationToken cancel)
    {
        var probes = new ProbePlan(Fidelity.Places(FullStep, _options.Looks), Math.Min(_options.LookPictures, _trialData.Validation.Count));
        return trial.Train("run", options, _trialData, probes, FullStep, cancel);
    }

    private double? Restart(TrialRun trial, TrainOptions options, CancellationToken cancel)
    {
        double? value = null;
        var stages = Fidelity.Stages(_options.Pruner, options.Epochs, _trialData.Train.Count);
        for (var i = 0; i < stages.Count; i++)
        {
            var stage = stages[i];
            var part = _trialData.With(NestedSubset.Of(_trialData.Train, stage.Share, options.Seed), _trialData.Validation, []);
            value = trial.Train($"stage-{i + 1}", options with { Epochs = stage.Epochs }, part, null, stage.Step, cancel);
            if (value is null)
            {
                return null;
            }
        }

        return value;
    }
}
