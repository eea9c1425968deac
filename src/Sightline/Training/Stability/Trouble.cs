namespace Sightline.Training.Stability;

/// <summary>What a detector found.</summary>
/// <param name="Detector">The setting's name: <c>notFinite</c>, <c>spike</c>, <c>exploding</c>, <c>vanishing</c> or <c>dead</c>.</param>
/// <param name="Action">What follows from it.</param>
/// <param name="Seen">What was seen, as the beginning of a sentence without its full stop.</param>
/// <param name="Remedy">What a person can do, a sentence.</param>
internal sealed record Trouble(string Detector, StabilityPolicy Action, string Seen, string Remedy);
