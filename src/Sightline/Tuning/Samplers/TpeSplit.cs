namespace Sightline.Tuning;

/// <summary>Divides the trials into the good ones and all others, as TPE needs.</summary>
internal static class TpeSplit
{
    /// <summary>How many of the other trials are modelled at most.</summary>
    internal const int Rest = 2000;

    private const int Most = 25;

    /// <summary>The good trials and the rest, both in the order of their numbers. Running trials are among the rest, so that parallel workers
    /// keep away from each other's points (constant liar).</summary>
    public static (List<Trial> Below, List<Trial> Above) Of(StudyView study)
    {
        var several = study.Options.Directions.Count > 1;
        var (finished, active, best) = Look(study, several ? 0 : Most);
        // Ten percent; with one objective at most 25.
        var count = (int)Math.Ceiling(0.1 * finished);
        count = several ? count : Math.Min(count, Most);

        var good = several ? ParetoFront.Best(study, [.. study.Trials.Where(IsFeasible)], count) : [.. best.Take(count)];
        if (good.Count < count)
        {
            var others = Pruned(study).Concat(study.Trials.Where(trial => trial.State is TrialState.Complete or TrialState.Infeasible && trial.Violation > 0)
                .OrderBy(trial => trial.Violation).ThenBy(trial => trial.Number));
            good.AddRange(others.Take(count - good.Count));
        }

        var chosen = good.Select(trial => trial.Number).ToHashSet();
        // Of the rest, the newest: older ones have little weight, and their number is what a suggestion's time grows with.
        var rest = new List<Trial>(Math.Min(finished, Rest));
        for (var i = study.Trials.Count - 1; i >= 0 && rest.Count < Rest; i--)
        {
            if (IsFinished(study.Trials[i]) && !chosen.Contains(study.Trials[i].Number))
            {
                rest.Add(study.Trials[i]);
            }
        }

        return ([.. good.OrderBy(trial => trial.Number)], [.. rest.Concat(active).OrderBy(trial => trial.Number)]);
    }

    private static bool IsFinished(Trial trial) => trial.State is TrialState.Complete or TrialState.Pruned or TrialState.Infeasible;

    private static bool IsFeasible(Trial trial) => trial is { State: TrialState.Complete, Violation: 0 };

    /// <summary>In one pass, since a study may be long: how many are finished, which are at work, and the best feasible ones, the best first and the older of
    /// equals first.</summary>
    private static (int Finished, List<Trial> Active, IEnumerable<Trial> Best) Look(StudyView study, int most)
    {
        var (finished, active) = (0, new List<Trial>());
        var sign = study.Options.Directions[0] == Direction.Minimize ? 1 : -1;
        var kept = new SortedSet<(double Loss, int Number, Trial Trial)>(Comparer<(double Loss, int Number, Trial Trial)>.Create(
            (one, other) => (one.Loss, one.Number).CompareTo((other.Loss, other.Number))));
        var worst = double.PositiveInfinity;
        foreach (var trial in study.Trials)
        {
            finished += IsFinished(trial) ? 1 : 0;
            if (trial.State is TrialState.Running or TrialState.Paused)
            {
                active.Add(trial);
            }

            // Most of a long study are no better than those kept, and newer than their equals.
            if (trial.State != TrialState.Complete || (kept.Count >= most && !(sign * trial.FirstValue < worst)) || !IsFeasible(trial))
            {
                continue;
            }

            kept.Add((sign * trial.FirstValue, trial.Number, trial));
            if (kept.Count > most)
            {
                kept.Remove(kept.Max);
            }

            worst = kept.Count > 0 ? kept.Max.Loss : worst;
        }

        return (finished, active, kept.Select(entry => entry.Trial));
    }

    /// <summary>Pruned trials, the best first: those that came furthest, then by their last value; without a report last.</summary>
    private static IEnumerable<Trial> Pruned(StudyView study) =>
        study.Trials.Where(trial => trial.State == TrialState.Pruned).OrderBy(trial => trial.LastStep is { } step ? -step : 1)
            .ThenBy(trial => trial.Reports.Count == 0 || double.IsNaN(trial.Reports[^1].Value) ? double.PositiveInfinity
                : study.Loss(trial.Reports[^1].Value)).ThenBy(trial => trial.Number);
}
