using Sightline.Tuning;

namespace Sightline.Cli.Tuning;

/// <summary>An objective, ready to run, and what is known of configurations before they are tried.</summary>
/// <param name="Objective">What a worker runs.</param>
/// <param name="Allows">Whether a configuration may be tried at all; null allows all.</param>
internal sealed record ReadyObjective(ITrialObjective Objective, Func<Configuration, bool>? Allows);

/// <summary>The kinds of objectives. To add one is a property of <see cref="ObjectiveSpec"/> and a line here.</summary>
internal static class TuneObjectives
{
    /// <summary>How long a program may take to leave a checkpoint when it is told to stop.</summary>
    public static readonly TimeSpan Grace = TimeSpan.FromSeconds(20);

    /// <summary>Makes the objective of a study.</summary>
    /// <param name="spec">What it is.</param>
    /// <param name="space">The study's space.</param>
    /// <exception cref="SettingsException">It cannot be used.</exception>
    public static ReadyObjective Create(ObjectiveSpec spec, SearchSpace space) => spec switch
    {
        { Command: { } command } => new ReadyObjective(new CommandObjective(command, space, Grace), null),
        _ => throw new SettingsException("There is nothing to run: give --command 'PROGRAM {parameter}'."),
    };
}
