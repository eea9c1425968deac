namespace Sightline.Tuning;

/// <summary>Waits with stopping while a trial still gets better (Optuna's PatientPruner, wrapped around any rule).</summary>
internal static class Patience
{
    /// <summary>Whether the last reports hold a value at least as good as all before them.</summary>
    public static bool Holds(StudyView study, Trial trial)
    {
        var patience = study.Options.Pruner.Patience;
        if (patience == 0)
        {
            return false;
        }

        var losses = trial.Reports.Select(report => study.Loss(report.Value)).ToList();
        if (losses.Count <= patience + 1)
        {
            return true;
        }

        return !(Smallest(losses[..^(patience + 1)]) < Smallest(losses[^(patience + 1)..]));
    }

    private static double Smallest(List<double> values) => values.Where(value => !double.IsNaN(value)).DefaultIfEmpty(double.NaN).Min();
}
