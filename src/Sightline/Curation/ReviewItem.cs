namespace Sightline.Curation;

/// <summary>A finding about pictures that waits for a decision.</summary>
/// <param name="Number">Its place in the queue, from 1.</param>
/// <param name="Finding">The finding.</param>
/// <param name="Images">Names of the pictures concerned; the one to act on first.</param>
/// <param name="Labels">Their classes, in the same order.</param>
public sealed record ReviewItem(int Number, Finding Finding, IReadOnlyList<string> Images, IReadOnlyList<string> Labels);
