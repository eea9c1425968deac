using Sightline.Tuning;

namespace Sightline.Cli.Tuning;

/// <summary>A study as <c>--json</c> gives it. The names are a contract.</summary>
internal sealed record StudyDocument
{
    public required string Name { get; init; }

    public required StudyState State { get; init; }

    /// <summary>Why no trial begins any more; null where one may.</summary>
    public string? Closed { get; init; }

    public required IReadOnlyList<Direction> Directions { get; init; }

    public required string Sampler { get; init; }

    public required string Pruner { get; init; }

    public required long Seed { get; init; }

    public required StudyBudget Budget { get; init; }

    public required decimal SpentUsd { get; init; }

    public required TrialCounts Trials { get; init; }

    /// <summary>The best trial; null while there is none, and where there are several objectives.</summary>
    public TrialDocument? Best { get; init; }

    /// <summary>The trials that no other one dominates, where there are several objectives; else empty.</summary>
    public required IReadOnlyList<TrialDocument> Front { get; init; }

    /// <summary>Of trainings: the best three and the recipe, trained again with other seeds, the best first; empty where they were not.</summary>
    public IReadOnlyList<Winner> Winners { get; init; } = [];

    /// <summary>The trials at work now.</summary>
    public required IReadOnlyList<TrialDocument> Running { get; init; }

    /// <summary>Why the last failed or infeasible trials were; the newest first, three at most.</summary>
    public required IReadOnlyList<TrialDocument> Troubles { get; init; }

    public static StudyDocument Of(Study study)
    {
        var trials = study.Trials;
        var isOne = study.Options.Directions.Count == 1;
        return new StudyDocument
        {
            Name = study.Options.Name,
            State = study.State,
            Closed = study.Closed,
            Directions = study.Options.Directions,
            Sampler = study.Options.Sampler,
            Pruner = study.Options.Pruner.Kind.ToString(),
            Seed = study.Options.Seed,
            Budget = study.Budget,
            SpentUsd = study.SpentUsd,
            Trials = TrialCounts.Of(trials),
            Best = isOne && study.Best is { } best ? TrialDocument.Of(best) : null,
            Front = isOne ? [] : [.. study.Front.Select(TrialDocument.Of)],
            Running = [.. trials.Where(trial => trial.State == TrialState.Running).Select(TrialDocument.Of)],
            Troubles = [.. trials.Where(trial => trial.State is TrialState.Failed or TrialState.Infeasible).Reverse().Take(3).Select(TrialDocument.Of)],
        };
    }
}

/// <summary>How many trials stand where.</summary>
internal sealed record TrialCounts(int Waiting, int Running, int Paused, int Complete, int Pruned, int Failed, int Infeasible)
{
    public int Total => Waiting + Running + Paused + Complete + Pruned + Failed + Infeasible;

    public static TrialCounts Of(IReadOnlyList<Trial> trials)
    {
        int Count(TrialState state) => trials.Count(trial => trial.State == state);
        return new TrialCounts(Count(TrialState.Waiting), Count(TrialState.Running), Count(TrialState.Paused), Count(TrialState.Complete), Count(TrialState.Pruned),
            Count(TrialState.Failed), Count(TrialState.Infeasible));
    }
}

/// <summary>A trial as <c>--json</c> gives it.</summary>
internal sealed record TrialDocument(
    int Number, TrialState State, IReadOnlyDictionary<string, object> Configuration, IReadOnlyList<double> Values, long? Step, double? LastValue, int Attempt, decimal? CostUsd,
    double? Seconds, string? Reason, long? PredictedMemoryBytes, long? PeakMemoryBytes)
{
    public static TrialDocument Of(Trial trial) => new(
        trial.Number, trial.State, Plain(trial.Configuration), trial.Values, trial.LastStep, trial.Reports is [.., var last] ? last.Value : null, trial.Attempt, trial.CostUsd,
        trial.StartedAt is { } started && trial.EndedAt is { } ended ? (ended - started).TotalSeconds : null, trial.Reason,
        trial.PredictedMemoryBytes, trial.PeakMemoryBytes);

    /// <summary>Numbers and choices by name.</summary>
    public static IReadOnlyDictionary<string, object> Plain(Configuration configuration) =>
        configuration.Values.ToDictionary(pair => pair.Key, pair => (object?)pair.Value.Choice ?? pair.Value.Number);
}
