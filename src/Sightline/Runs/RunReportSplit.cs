namespace Sightline.Runs;

/// <summary>Pictures of one split.</summary>
/// <param name="Name"><c>train</c>, <c>validation</c> or <c>test</c>.</param>
/// <param name="Counts">Pictures of each class, in the order of the labels.</param>
public sealed record RunReportSplit(string Name, IReadOnlyList<int> Counts);
