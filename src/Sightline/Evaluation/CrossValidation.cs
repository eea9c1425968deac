using Sightline.Curation.Duplicates;
using Sightline.Curation.Labels;
using Sightline.Data;
using Sightline.Runs;
using Sightline.Training;

namespace Sightline.Evaluation;

/// <summary>How good a training is on this data, by training it k times: each picture is judged by a model that did not see it.</summary>
/// <remarks>
/// Given test pictures stay out: they are for the one model that is chosen in the end. Each fold's best epoch is chosen by a part of the other folds.
/// Near duplicates stay in one fold: a model that had seen a picture's twin would be judged too well.
/// </remarks>
public static class CrossValidation
{
    /// <summary>Trains and judges all folds. Finished folds of the same name are not trained again; a stopped one goes on.</summary>
    /// <param name="options">All settings of each training.</param>
    /// <param name="data">The data, opened with the options' seed and shares.</param>
    /// <param name="folds">Trainings, 2 to 20.</param>
    /// <param name="runsFolder">The folder below which the runs are.</param>
    /// <param name="name">Their names begin with this, and end with <c>-fold-1</c> and so on.</param>
    /// <param name="progress">Told on the calling thread; null for silence.</param>
    /// <param name="cancel">Stops after the current step, with a checkpoint.</param>
    /// <param name="clusters">
    /// Pictures that must not be divided, as numbers of the data's images; null finds the exact and near duplicates, an empty list divides freely.
    /// </param>
    /// <exception cref="SettingsException">A setting is out of its range, or a run of that name has other settings.</exception>
    /// <exception cref="DataException">There are fewer pictures, or clusters of them, than folds.</exception>
    /// <exception cref="StoppedException">The token was cancelled.</exception>
    public static CrossValidationResult Run(
        TrainOptions options, ImageDataset data, int folds, string runsFolder, string name, IProgress<FoldProgress>? progress, CancellationToken cancel,
        IReadOnlyList<IReadOnlyList<int>>? clusters = null)
    {
        if (folds is < 2 or > 20)
        {
            throw new SettingsException($"The number of folds is {folds}; it must be from 2 to 20. Pass --folds 5.");
        }

        IReadOnlyList<Example> examples = [.. data.Train, .. data.Validation, .. data.HasGivenTest ? [] : data.Test];
        clusters ??= Duplicates(data, cancel);
        var assigned = Folds.Assign(examples, folds, options.Seed, clusters);
        var results = new List<FoldResult>();
        var judged = new List<Predictions>();
        for (var fold = 0; fold < folds; fold++)
        {
            var held = examples.Where((_, i) => assigned[i] == fold).ToList();
            var others = examples.Where((_, i) => assigned[i] != fold).ToList();
            var split = new SplitOptions { Seed = options.Seed, ValidationShare = options.ValidationShare, TestShare = 0 };
            var parts = Splits.Complete(new SplitDraft(data.Classes, others, null, null), split, data.Location, [], carveTest: false);
            var told = new FoldTelling(progress, fold + 1, folds);
            var run = PartRun.Train(options, data.With(parts.Train, parts.Validation, held), runsFolder, $"{name}-fold-{fold + 1}", told, cancel);
            told.Judging();
            var predictions = JudgedSplit.Of(run.Path, split: "test", cancel: cancel).Predictions;
            judged.Add(predictions);
            results.Add(FoldResult.Of(fold + 1, run, predictions));
        }

        var places = examples.Select(example => example.Index).ToHashSet();
        return CrossValidationResult.Of(data.Location, results, judged) with
        {
            ClustersKeptWhole = clusters.Count(cluster => cluster.Count(places.Contains) > 1),
        };
    }

    private static IReadOnlyList<IReadOnlyList<int>> Duplicates(ImageDataset data, CancellationToken cancel)
    {
        try
        {
            return DuplicateClusters.Find(data, null, cancel);
        }
        catch (OperationCanceledException)
        {
            throw new StoppedException("Stopped while near duplicates were looked for; nothing was trained yet. Run the same command again.");
        }
    }
}
