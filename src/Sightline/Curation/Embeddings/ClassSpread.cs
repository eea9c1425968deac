namespace Sightline.Curation.Embeddings;

/// <summary>How much of the embedding space a class's training pictures cover.</summary>
/// <param name="Class">The class's name.</param>
/// <param name="Pictures">Its training pictures.</param>
/// <param name="MeanDistance">Mean cosine distance of its pictures to its centre, 0..2; null with fewer than 2 pictures.</param>
/// <param name="NearestClass">The class whose centre is nearest; null where there is no other.</param>
/// <param name="NearestDistance">Cosine distance of the two centres, 0..2.</param>
/// <param name="EffectiveCount">
/// How many different pictures the class is worth, 1 to its number of pictures: the exponential of the entropy of the eigenvalues of its matrix of
/// similarities (Friedman and Dieng 2023, "The Vendi Score", definition 3.1), exp(-d / h) with d the cosine distance and h the data set's median
/// distance of a picture to its nearest; of 512 evenly chosen pictures where it has more. Null without pictures.
/// </param>
public sealed record ClassSpread(
    string Class, int Pictures, double? MeanDistance, string? NearestClass, double? NearestDistance, double? EffectiveCount);
