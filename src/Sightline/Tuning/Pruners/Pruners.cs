namespace Sightline.Tuning;

/// <summary>The rules there are.</summary>
internal static class Pruners
{
    /// <summary>All rules. To add one is a file and a line here.</summary>
    public static IReadOnlyList<IPruner> All { get; } =
    [
        new NoPruner(),
        new AshaPruner(),
        new AshaPromotionPruner(),
        new HyperbandPruner(),
        new MedianPruner(),
        new WilcoxonPruner(),
    ];

    /// <summary>What to do with a trial that has just reported, by the study's rule and its patience.</summary>
    public static Verdict Judge(StudyView study, Trial trial) => study.Options.Directions.Count > 1 || trial.Reports.Count == 0 ? Verdict.Continue
        : Find(study).Judge(study, trial) is var verdict && verdict == Verdict.Stop && Patience.Holds(study, trial) ? Verdict.Continue : verdict;

    /// <summary>A paused trial that has earned to go on; null for none.</summary>
    public static Trial? Promote(StudyView study) => study.Options.Directions.Count > 1 ? null : Find(study).Promote(study);

    /// <summary>The trial's bracket and its rungs' steps; empty where nothing stops early at rungs.</summary>
    public static (int Bracket, IReadOnlyList<long> Steps) Ladder(StudyView study, Trial trial) =>
        study.Options.Directions.Count > 1 ? (0, []) : Find(study).Ladder(study, trial);

    private static IPruner Find(StudyView study) => All.First(pruner => pruner.Kind == study.Options.Pruner.Kind);
}
