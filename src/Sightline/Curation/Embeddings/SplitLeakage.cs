namespace Sightline.Curation.Embeddings;

/// <summary>Pictures of one split that have a near duplicate in another, and what that does to the accuracy.</summary>
/// <param name="Split">The split that should be unseen: <c>test</c> or <c>validation</c>.</param>
/// <param name="From">The split that the near duplicates are in: <c>train</c> or <c>validation</c>.</param>
/// <param name="Pictures">Pictures of <paramref name="Split"/>.</param>
/// <param name="Leaked">Those with a near duplicate in <paramref name="From"/>.</param>
/// <param name="SameLabel">Share of the leaked pictures whose label is that of their near duplicate, 0..1; null where none leaked.</param>
/// <param name="MaximumDistance">The cosine distance up to which a picture counted as leaked.</param>
/// <param name="Accuracy">The model's top-1 on all pictures of the split, 0..1; null where it does not know all their classes.</param>
/// <param name="AccuracyWithout">The same without the leaked pictures; null too where none is left.</param>
public sealed record SplitLeakage(
    string Split, string From, int Pictures, int Leaked, double? SameLabel, double MaximumDistance, double? Accuracy, double? AccuracyWithout);
