namespace Sightline.Tuning;

/// <summary>The rungs of successive halving: steps at which trials are compared.</summary>
internal static class Rungs
{
    /// <summary>The steps of all rungs below the end, the first first; empty while the end is not known.</summary>
    /// <param name="study">Its pruner's settings and trials.</param>
    /// <param name="bracket">How many rungs to leave out at the start.</param>
    public static IReadOnlyList<long> Steps(StudyView study, int bracket = 0)
    {
        if (End(study) is not { } end)
        {
            return [];
        }

        var steps = new List<long>();
        var options = study.Options.Pruner;
        double step = First(options, end) * Math.Pow(options.Eta, bracket);
        for (; step < end; step *= options.Eta)
        {
            steps.Add((long)step);
        }

        return steps;
    }

    /// <summary>The first rung's step.</summary>
    public static long First(PrunerOptions options, long end) => options.FirstRungStep ?? Math.Max(1, (long)Math.Round(options.FirstRung * end));

    /// <summary>The step of a full trial; null while it is not known.</summary>
    public static long? End(StudyView study) => study.Options.Pruner.MaxStep
        ?? study.Trials.Where(trial => trial.State == TrialState.Complete).Max(trial => trial.LastStep);

    /// <summary>The rungs that the last report has just reached: those above the report before it.</summary>
    public static IEnumerable<int> Due(IReadOnlyList<long> steps, Trial trial)
    {
        var last = trial.Reports[^1].Step;
        var before = trial.Reports.Count > 1 ? trial.Reports[^2].Step : -1;
        for (var rung = 0; rung < steps.Count; rung++)
        {
            if (steps[rung] <= last && steps[rung] > before)
            {
                yield return rung;
            }
        }
    }

    /// <summary>A trial's loss at a rung: its first report there or after; null where it has not come so far.</summary>
    public static double? Loss(StudyView study, Trial trial, long step)
    {
        var reports = trial.Reports;
        if (reports.Count == 0 || reports[^1].Step < step || step > trial.StoppedAtRung)
        {
            return null;
        }

        var (low, high) = (0, reports.Count - 1);
        while (low < high)
        {
            var middle = (low + high) / 2;
            (low, high) = reports[middle].Step < step ? (middle + 1, high) : (low, middle);
        }

        return study.Loss(reports[low].Value);
    }
}
