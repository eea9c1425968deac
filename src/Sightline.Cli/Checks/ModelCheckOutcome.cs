using Sightline.Curation;
using Sightline.Curation.Embeddings;
using Sightline.Curation.Labels;

namespace Sightline.Cli.Checks;

/// <summary>What the checks that need a model found.</summary>
/// <param name="Findings">All, in the order labels, leakage, near duplicates, outliers, classes.</param>
/// <param name="Labels">The figures behind wrong labels; null where they were not looked for.</param>
/// <param name="Embeddings">The figures behind the rest; null where no run was given.</param>
internal sealed record ModelCheckOutcome(IReadOnlyList<Finding> Findings, LabelErrorReport? Labels, EmbeddingReport? Embeddings);
