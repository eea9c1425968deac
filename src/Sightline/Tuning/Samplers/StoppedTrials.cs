namespace Sightline.Tuning;

/// <summary>What trials that were stopped early would have come to, so that a sampler need not forget them.</summary>
/// <remarks>Optuna's process throws them away; with successive halving that is most of what a study has seen.</remarks>
internal static class StoppedTrials
{
    private const int MinCurves = 3;

    /// <summary>Stopped trials with the loss expected at the end: the last one reported, plus the median of what complete trials still gained from that step on.</summary>
    /// <param name="study">Its first objective counts. With several objectives nothing is stopped.</param>
    /// <returns>Only trials whose last step at least three complete trials have reported.</returns>
    public static IReadOnlyList<(Trial Trial, double Loss)> Expected(StudyView study)
    {
        if (study.Options.Directions.Count > 1)
        {
            return [];
        }

        var complete = study.Trials.Where(trial => trial is { State: TrialState.Complete, Reports.Count: > 0 } && double.IsFinite(trial.Values[0])).ToList();
        var gains = new Dictionary<long, double?>();
        var expected = new List<(Trial, double)>();
        foreach (var trial in study.Trials.Where(trial => trial is { State: TrialState.Pruned, Reports.Count: > 0 }))
        {
            var last = trial.Reports[^1];
            if (!gains.TryGetValue(last.Step, out var gain))
            {
                gains[last.Step] = gain = Gain(study, complete, last.Step);
            }

            if (gain is { } known && double.IsFinite(last.Value))
            {
                expected.Add((trial, study.Loss(last.Value) + known));
            }
        }

        return expected;
    }

    private static double? Gain(StudyView study, List<Trial> complete, long step)
    {
        var gains = complete.Select(trial => study.Loss(trial.Values[0]) - Rungs.Loss(study, trial, step)).OfType<double>().Where(double.IsFinite).Order().ToList();
        return gains.Count < MinCurves ? null : (gains[(gains.Count - 1) / 2] + gains[gains.Count / 2]) / 2;
    }
}
