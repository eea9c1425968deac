using Sightline.Runs;

namespace Sightline.Curation.Labels;

/// <summary>Passes one training's events on with its place among several.</summary>
/// <param name="progress">Who is told; null for silence.</param>
/// <param name="fold">This training's place, from 1.</param>
/// <param name="folds">How many there are.</param>
internal sealed class FoldTelling(IProgress<FoldProgress>? progress, int fold, int folds) : IProgress<RunEvent>
{
    public void Report(RunEvent value)
    {
        var share = value.TotalSteps > 0 ? (double)value.Step / value.TotalSteps : 0;
        progress?.Report(new FoldProgress(fold, folds, (fold - 1 + share) / folds, value));
    }

    /// <summary>The training is over; its held-out pictures are judged.</summary>
    public void Judging() => progress?.Report(new FoldProgress(fold, folds, (double)fold / folds, null));
}
