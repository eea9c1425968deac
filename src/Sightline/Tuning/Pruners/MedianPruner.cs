namespace Sightline.Tuning;

/// <summary>Stops a trial whose best value so far is worse than a percentile of the complete trials at the same step.</summary>
/// <remarks>Golovin et al. 2017, section 3.2.2, in the form of optuna/pruners/_percentile.py (MIT).</remarks>
internal sealed class MedianPruner : IPruner
{
    /// <inheritdoc/>
    public PrunerKind Kind => PrunerKind.Median;

    /// <inheritdoc/>
    public Verdict Judge(StudyView study, Trial trial)
    {
        var options = study.Options.Pruner;
        var step = trial.Reports[^1].Step;
        var complete = study.Trials.Where(other => other.State == TrialState.Complete).ToList();
        if (complete.Count < options.MinTrials || step < options.WarmUpSteps)
        {
            return Verdict.Continue;
        }

        var own = trial.Reports.Select(report => study.Loss(report.Value)).Where(loss => !double.IsNaN(loss)).ToList();
        if (own.Count == 0)
        {
            return Verdict.Stop;
        }

        var there = complete.SelectMany(other => other.Reports.Where(report => report.Step == step)).Select(report => study.Loss(report.Value))
            .Where(loss => !double.IsNaN(loss)).Order().ToList();
        return there.Count > 0 && own.Min() > Percentile(there, options.Percentile) ? Verdict.Stop : Verdict.Continue;
    }

    /// <summary>The percentile of sorted values, between neighbours in proportion.</summary>
    private static double Percentile(List<double> sorted, double percentile)
    {
        var place = percentile / 100 * (sorted.Count - 1);
        var low = (int)place;
        var high = Math.Min(low + 1, sorted.Count - 1);
        return low == high ? sorted[low] : sorted[low] + ((place - low) * (sorted[high] - sorted[low]));
    }
}
