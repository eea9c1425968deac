using Sightline.Numerics;

namespace Sightline.Tuning;

/// <summary>Stops a trial that is worse than the best one over the steps both have, where steps are folds, classes or problems.</summary>
/// <remarks>The signed-rank test of Wilcoxon 1945, as optuna/pruners/_wilcoxon.py (MIT) uses it.</remarks>
internal sealed class WilcoxonPruner : IPruner
{
    private const int MinShared = 2;

    /// <inheritdoc/>
    public PrunerKind Kind => PrunerKind.Wilcoxon;

    /// <inheritdoc/>
    public Verdict Judge(StudyView study, Trial trial)
    {
        var best = study.Trials.Where(other => other.State == TrialState.Complete && other.Reports.Count > 0)
            .MinBy(other => study.Loss(other.Values[0]));
        if (best is null)
        {
            return Verdict.Continue;
        }

        var reference = best.Reports.Where(report => double.IsFinite(report.Value)).ToDictionary(report => report.Step, report => study.Loss(report.Value));
        var own = trial.Reports.Where(report => double.IsFinite(report.Value)).ToDictionary(report => report.Step, report => study.Loss(report.Value));
        var differences = own.Where(entry => reference.ContainsKey(entry.Key)).Select(entry => entry.Value - reference[entry.Key]).ToList();
        // A better mean outweighs the ranks: few large wins may hide among many small losses.
        return differences.Count >= MinShared && reference.Values.Average() < own.Values.Average()
            && SignedRankTest.Greater(differences) < study.Options.Pruner.PValue ? Verdict.Stop : Verdict.Continue;
    }
}
