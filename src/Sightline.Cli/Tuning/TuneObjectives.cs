using Sightline.Search;
using Sightline.Tuning;

namespace Sightline.Cli.Tuning;

/// <summary>An objective, ready to run, and what is known of configurations before they are tried.</summary>
/// <param name="Objective">What a worker runs.</param>
/// <param name="Allows">Whether a configuration may be tried at all; null allows all.</param>
internal sealed record ReadyObjective(ITrialObjective Objective, Func<Configuration, bool>? Allows)
{
    /// <summary>How long a trial takes beside another, where candidates are weighed by gain per dollar; null where they are not.</summary>
    public Func<Configuration, double>? RelativeCost { get; init; }

    /// <summary>What a trial is to need by the memory plan, bytes; null where there is no plan.</summary>
    public Func<Configuration, long?>? PlannedMemory { get; init; }

    /// <summary>The last step of a full trial; null where only the objective's program knows it.</summary>
    public long? FullStep { get; init; }
}

/// <summary>The kinds of objectives. To add one is a property of <see cref="ObjectiveSpec"/> and a line here.</summary>
internal static class TuneObjectives
{
    /// <summary>How long a program may take to leave a checkpoint when it is told to stop.</summary>
    public static readonly TimeSpan Grace = TimeSpan.FromSeconds(20);

    /// <summary>Makes the objective of a study.</summary>
    /// <param name="spec">What it is.</param>
    /// <param name="space">The study's space.</param>
    /// <param name="pruner">The study's rule.</param>
    /// <param name="pricePerHourUsd">What the worker costs; null for what the study says.</param>
    /// <exception cref="SettingsException">It cannot be used.</exception>
    public static ReadyObjective Create(ObjectiveSpec spec, SearchSpace space, PrunerOptions pruner, decimal? pricePerHourUsd = null) => spec switch
    {
        { Training: { } training } => Trainings(training, training.Objective(pricePerHourUsd ?? spec.PricePerHourUsd, pruner)),
        { Command: { } command } => new ReadyObjective(new CommandObjective(command, space, Grace), null),
        _ => throw new SettingsException("There is nothing to run: give --command 'PROGRAM {parameter}', or a recipe and --data."),
    };

    private static ReadyObjective Trainings(TrainingSpec training, ImageObjective objective) =>
        new(objective, objective.Allows) { RelativeCost = training.PerDollar ? objective.RelativeCost : null, PlannedMemory = objective.PlannedMemory, FullStep = objective.FullStep };
}
