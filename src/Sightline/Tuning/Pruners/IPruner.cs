namespace Sightline.Tuning;

/// <summary>Decides which trials go on. Stateless: what it decides follows from the trials' reports.</summary>
internal interface IPruner
{
    /// <summary>The rule it is.</summary>
    PrunerKind Kind { get; }

    /// <summary>What to do with a trial that has just reported.</summary>
    Verdict Judge(StudyView study, Trial trial);

    /// <summary>A paused trial that has earned to go on; null for none.</summary>
    Trial? Promote(StudyView study) => null;

    /// <summary>The trial's bracket and its rungs' steps; empty for a rule without rungs.</summary>
    (int Bracket, IReadOnlyList<long> Steps) Ladder(StudyView study, Trial trial) => (0, []);
}
