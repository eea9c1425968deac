namespace Sightline.Tuning;

/// <summary>Which trials are best where there are several objectives.</summary>
internal static class ParetoFront
{
    /// <summary>The trials that no other one dominates, in the order of their numbers.</summary>
    public static List<Trial> First(StudyView study, IReadOnlyList<Trial> trials) =>
        [.. trials.Where(trial => !trials.Any(other => Dominates(Losses(study, other), Losses(study, trial))))];

    /// <summary>The best trials: front after front; from the front that is too large, those that add the most hypervolume.</summary>
    public static List<Trial> Best(StudyView study, IReadOnlyList<Trial> trials, int count)
    {
        var best = new List<Trial>();
        var left = trials.ToList();
        while (best.Count < count && left.Count > 0)
        {
            var front = First(study, left);
            left.RemoveAll(front.Contains);
            best.AddRange(best.Count + front.Count <= count ? front : Spread(study, front, trials, count - best.Count));
        }

        return best;
    }

    private static List<Trial> Spread(StudyView study, List<Trial> front, IReadOnlyList<Trial> all, int count)
    {
        var reference = Enumerable.Range(0, study.Options.Directions.Count).Select(objective =>
        {
            var worst = all.Max(trial => study.Loss(trial.Values[objective], objective));
            return Math.Max(1.1 * worst, 0.9 * worst);
        }).ToArray();
        var chosen = new List<Trial>();
        var points = new List<double[]>();
        var left = front.ToList();
        while (chosen.Count < count && left.Count > 0)
        {
            // Greedy: at least 1 - 1/e of the best subset's volume, as hypervolume is submodular.
            var next = left.MaxBy(trial => Hypervolume.Of([.. points, Losses(study, trial)], reference))!;
            left.Remove(next);
            chosen.Add(next);
            points.Add(Losses(study, next));
        }

        return chosen;
    }

    private static double[] Losses(StudyView study, Trial trial) => [.. trial.Values.Select((value, i) => study.Loss(value, i))];

    private static bool Dominates(double[] a, double[] b)
    {
        var better = false;
        for (var i = 0; i < a.Length; i++)
        {
            if (a[i] > b[i])
            {
                return false;
            }

            better |= a[i] < b[i];
        }

        return better;
    }
}
