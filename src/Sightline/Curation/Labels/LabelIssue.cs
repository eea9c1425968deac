namespace Sightline.Curation.Labels;

/// <summary>One label that is probably wrong.</summary>
/// <param name="Row">The picture's row in the probabilities.</param>
/// <param name="Label">The given class.</param>
/// <param name="Suggested">The most probable class other than <paramref name="Label"/>.</param>
/// <param name="Quality">The label's quality, 0..1; low is bad.</param>
/// <param name="LabelProbability">Out-of-sample probability of the given class, 0..1.</param>
/// <param name="SuggestedProbability">Out-of-sample probability of the suggested class, 0..1.</param>
public sealed record LabelIssue(int Row, int Label, int Suggested, double Quality, double LabelProbability, double SuggestedProbability);
