using Sightline.Data;

namespace Sightline.Curation.Labels;

/// <summary>The labels of a data set that are probably wrong.</summary>
public sealed record LabelErrorResult
{
    /// <summary>One finding of kind <c>wrong-label</c> per flagged picture, the worst first; the score is the label's quality, 0..1.</summary>
    public required IReadOnlyList<Finding> Findings { get; init; }

    /// <summary>The figures behind them.</summary>
    public required LabelErrorReport Report { get; init; }

    /// <summary>The pictures judged, in the order of the rows of <see cref="Probabilities"/>.</summary>
    public required IReadOnlyList<Example> Examples { get; init; }

    /// <summary>What was judged by; worth keeping with <see cref="ProbabilitiesFile.Write"/>, for it took the time.</summary>
    public required ClassProbabilities Probabilities { get; init; }
}
