namespace Sightline.Tuning;

/// <summary>Divides the trials into the good ones and all others, as TPE needs.</summary>
internal static class TpeSplit
{
    /// <summary>How many of the other trials are modelled at most.</summary>
    internal const int Rest = 2000;

    /// <summary>The good trials and the rest, both in the order of their numbers. Running trials are among the rest, so that parallel workers
    /// keep away from each other's points (constant liar).</summary>
    public static (List<Trial> Below, List<Trial> Above) Of(StudyView study)
    {
        var finished = new List<Trial>(study.Trials.Count);
        foreach (var trial in study.Trials)
        {
            if (trial.State is TrialState.Complete or TrialState.Pruned or TrialState.Infeasible)
            {
                finished.Add(trial);
            }
        }

        var several = study.Options.Directions.Count > 1;
        // Ten percent; with one objective at most 25.
        var count = (int)Math.Ceiling(0.1 * finished.Count);
        count = several ? count : Math.Min(count, 25);

        var good = several ? ParetoFront.Best(study, [.. finished.Where(IsFeasible)], count) : Smallest(study, finished, count);
        if (good.Count < count)
        {
            var others = Pruned(study, finished).Concat(finished.Where(trial => trial.State != TrialState.Pruned && trial.Violation > 0)
                .OrderBy(trial => trial.Violation).ThenBy(trial => trial.Number));
            good.AddRange(others.Take(count - good.Count));
        }

        var chosen = good.Select(trial => trial.Number).ToHashSet();
        var active = study.Trials.Where(trial => trial.State is TrialState.Running or TrialState.Paused);
        // Of the rest, the newest: older ones have little weight, and their number is what a suggestion's time grows with.
        var rest = new List<Trial>(Math.Min(finished.Count, Rest));
        for (var i = finished.Count - 1; i >= 0 && rest.Count < Rest; i--)
        {
            if (!chosen.Contains(finished[i].Number))
            {
                rest.Add(finished[i]);
            }
        }

        return ([.. good.OrderBy(trial => trial.Number)], [.. rest.Concat(active).OrderBy(trial => trial.Number)]);
    }

    private static bool IsFeasible(Trial trial) => trial is { State: TrialState.Complete, Violation: 0 };

    /// <summary>The best feasible trials in one pass, the older of equals first.</summary>
    private static List<Trial> Smallest(StudyView study, List<Trial> finished, int count)
    {
        // The worst of those kept is at the front.
        var kept = new PriorityQueue<Trial, (double Loss, int Number)>(Comparer<(double Loss, int Number)>.Create((one, other) => other.CompareTo(one)));
        foreach (var trial in finished)
        {
            if (!IsFeasible(trial))
            {
                continue;
            }

            var rank = (study.Loss(trial.Values[0]), trial.Number);
            if (kept.Count < count)
            {
                kept.Enqueue(trial, rank);
            }
            else
            {
                kept.EnqueueDequeue(trial, rank);
            }
        }

        return [.. kept.UnorderedItems.Select(item => item.Element)];
    }

    /// <summary>Pruned trials, the best first: those that came furthest, then by their last value; without a report last.</summary>
    private static IEnumerable<Trial> Pruned(StudyView study, List<Trial> finished) =>
        finished.Where(trial => trial.State == TrialState.Pruned).OrderBy(trial => trial.LastStep is { } step ? -step : 1)
            .ThenBy(trial => trial.Reports.Count == 0 || double.IsNaN(trial.Reports[^1].Value) ? double.PositiveInfinity
                : study.Loss(trial.Reports[^1].Value)).ThenBy(trial => trial.Number);
}
