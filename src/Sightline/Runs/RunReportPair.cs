using Sightline.Evaluation;

namespace Sightline.Runs;

/// <summary>A pair of classes that is often confused, with pictures.</summary>
/// <param name="Pair">Which, and how often.</param>
/// <param name="Mistakes">Some of those pictures, worst first; the first 3 are shown.</param>
public sealed record RunReportPair(ConfusedPair Pair, IReadOnlyList<RunReportMistake> Mistakes);
