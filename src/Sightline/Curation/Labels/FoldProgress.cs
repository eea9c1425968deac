using Sightline.Runs;

namespace Sightline.Curation.Labels;

/// <summary>How far the training of the folds' models is.</summary>
/// <param name="Fold">The fold at work, from 1.</param>
/// <param name="Folds">How many there are.</param>
/// <param name="Share">Share of the whole work done, 0..1.</param>
/// <param name="Training">The event of the fold's training run; null while its held-out pictures are judged.</param>
public sealed record FoldProgress(int Fold, int Folds, double Share, RunEvent? Training);
