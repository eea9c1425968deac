namespace Sightline.Curation.Embeddings;

/// <summary>How far a check by embeddings is.</summary>
/// <param name="Stage"><c>embeddings</c> while pictures run through the model, then <c>neighbours</c>.</param>
/// <param name="Share">Share of the stage done, 0..1.</param>
public sealed record EmbeddingProgress(string Stage, double Share);
