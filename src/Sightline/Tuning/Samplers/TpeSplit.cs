namespace Sightline.Tuning;

/// <summary>Divides the trials into the good ones and all others, as TPE needs.</summary>
internal static class TpeSplit
{
    /// <summary>The good trials and the rest, both in the order of their numbers. Running trials are among the rest, so that parallel workers
    /// keep away from each other's points (constant liar).</summary>
    public static (List<Trial> Below, List<Trial> Above) Of(StudyView study)
    {
        var finished = study.Trials.Where(trial => trial.State is TrialState.Complete or TrialState.Pruned or TrialState.Infeasible).ToList();
        var several = study.Options.Directions.Count > 1;
        // Ten percent; with one objective at most 25.
        var count = (int)Math.Ceiling(0.1 * finished.Count);
        count = several ? count : Math.Min(count, 25);

        var feasible = finished.Where(trial => trial is { State: TrialState.Complete, Violation: 0 }).ToList();
        var good = several ? ParetoFront.Best(study, feasible, count)
            : feasible.OrderBy(trial => study.Loss(trial.Values[0])).ThenBy(trial => trial.Number).Take(count).ToList();
        var others = Pruned(study, finished).Concat(finished.Where(trial => trial.State != TrialState.Pruned && trial.Violation > 0)
            .OrderBy(trial => trial.Violation).ThenBy(trial => trial.Number));
        good.AddRange(others.Take(count - good.Count));

        var chosen = good.Select(trial => trial.Number).ToHashSet();
        var active = study.Trials.Where(trial => trial.State is TrialState.Running or TrialState.Paused);
        return ([.. good.OrderBy(trial => trial.Number)],
            [.. finished.Concat(active).Where(trial => !chosen.Contains(trial.Number)).OrderBy(trial => trial.Number)]);
    }

    /// <summary>Pruned trials, the best first: those that came furthest, then by their last value; without a report last.</summary>
    private static IEnumerable<Trial> Pruned(StudyView study, List<Trial> finished) =>
        finished.Where(trial => trial.State == TrialState.Pruned).OrderBy(trial => trial.LastStep is { } step ? -step : 1)
            .ThenBy(trial => trial.Reports.Count == 0 || double.IsNaN(trial.Reports[^1].Value) ? double.PositiveInfinity
                : study.Loss(trial.Reports[^1].Value)).ThenBy(trial => trial.Number);
}
