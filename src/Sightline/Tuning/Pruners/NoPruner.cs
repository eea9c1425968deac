namespace Sightline.Tuning;

/// <summary>Lets every trial go on.</summary>
internal sealed class NoPruner : IPruner
{
    /// <inheritdoc/>
    public PrunerKind Kind => PrunerKind.None;

    /// <inheritdoc/>
    public Verdict Judge(StudyView study, Trial trial) => Verdict.Continue;
}
