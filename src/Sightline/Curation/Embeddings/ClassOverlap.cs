namespace Sightline.Curation.Embeddings;

/// <summary>How far two classes lie within each other.</summary>
/// <param name="First">A class.</param>
/// <param name="Second">Another one.</param>
/// <param name="Share">
/// Share of the neighbours of the two classes' training pictures that belong to the other of the two: the mean of both directions, 0..1.
/// </param>
public sealed record ClassOverlap(string First, string Second, double Share);
