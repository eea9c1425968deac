using Sightline.Curation.Labels;
using Sightline.Data;
using Sightline.Runs;
using Sightline.Training;

namespace Sightline.Evaluation;

/// <summary>Trains on growing shares of the training pictures, to say whether more data or a larger model would help.</summary>
public static class LearningCurve
{
    /// <summary>Smaller shares get more epochs so that all take about as many steps, up to so many times as many.</summary>
    private const int MostRepeats = 10;

    // Enough to see whether a model fits what it was trained on.
    private const int TrainJudged = 2000;

    /// <summary>A fast training for curves: it ranks shares, it does not reach the best accuracy.</summary>
    /// <param name="data">The data set; its first training picture decides the size.</param>
    /// <param name="seed">Seed of the training.</param>
    public static TrainOptions Recipe(ImageDataset data, long seed)
    {
        ArgumentNullException.ThrowIfNull(data);
        return OutOfFold.Recipe(data, data.Train.Count, seed);
    }

    /// <summary>Trains and judges all shares. Finished runs of the same name are not trained again; a stopped one goes on.</summary>
    /// <param name="options">All settings of the training on all pictures.</param>
    /// <param name="data">The data, opened with the options' seed and shares.</param>
    /// <param name="shares">Shares of the training pictures, above 0 to 1; at least 3. The smaller ones' pictures are among the larger ones'.</param>
    /// <param name="largerModel">A model to train from scratch on all pictures as well, so that its gain is measured; null measures none.</param>
    /// <param name="runsFolder">The folder below which the runs are.</param>
    /// <param name="name">Their names begin with this, and end with <c>-share-10</c> and so on.</param>
    /// <param name="progress">Told on the calling thread; null for silence.</param>
    /// <param name="cancel">Stops after the current step, with a checkpoint.</param>
    /// <exception cref="SettingsException">A setting or share is out of its range, or a run of that name has other settings.</exception>
    /// <exception cref="StoppedException">The token was cancelled.</exception>
    public static LearningCurveResult Run(
        TrainOptions options, ImageDataset data, IReadOnlyList<double> shares, string? largerModel, string runsFolder, string name,
        IProgress<FoldProgress>? progress, CancellationToken cancel)
    {
        var rising = shares.Distinct().Order().ToArray();
        if (rising.Length < 3 || rising.Any(share => share is not (> 0 and <= 1)))
        {
            throw new SettingsException(
                $"The shares are {string.Join(", ", shares)}; give at least 3 different ones, each above 0 and at most 1. Pass --shares 0.1,0.25,0.5,1.");
        }

        var trainings = rising.Length + (largerModel is null ? 0 : 1);
        var points = new List<LearningCurvePoint>();
        Predictions? largest = null;
        for (var i = 0; i < rising.Length; i++)
        {
            var subset = Subset(data.Train, rising[i], options.Seed);
            var training = options with { Epochs = (int)Math.Min(10_000, Math.Round(options.Epochs * Math.Min(MostRepeats, 1 / rising[i]))) };
            var run = PartRun.Train(training, data.With(subset, data.Validation, data.Test), runsFolder, $"{name}-share-{Word(rising[i])}", new FoldTelling(progress, i + 1, trainings), cancel);
            var judged = JudgedSplit.Of(run.Path, split: "test", cancel: cancel);
            var trained = JudgedSplit.Of(run.Path, split: "train", most: TrainJudged, cancel: cancel);
            points.Add(LearningCurvePoint.Of(rising[i], subset.Length, run, judged.Predictions, trained.Predictions));
            largest = judged.Predictions;
        }

        RunComparison? larger = null;
        if (largerModel is not null)
        {
            var run = PartRun.Train(
                options with { Model = largerModel, Weights = null, Pretrained = null }, data.With(Subset(data.Train, rising[^1], options.Seed), data.Validation, data.Test), runsFolder,
                $"{name}-{largerModel}", new FoldTelling(progress, trainings, trainings), cancel);
            larger = RunComparison.Of(largest!, JudgedSplit.Of(run.Path, split: "test", cancel: cancel).Predictions) with // There are at least 3 shares.
            {
                First = points[^1].Run,
                Second = run.Path,
                Data = data.Location,
                Split = data.Test.Count > 0 ? "test" : "validation",
            };
        }

        return LearningCurveResult.Of(data.Location, data.Test.Count > 0 ? "test" : "validation", points, largerModel, larger, options.Seed);
    }

    // Of each class the first ones of an order that depends on the seed alone, so that the subsets are nested; at least one.
    private static Example[] Subset(IReadOnlyList<Example> train, double share, long seed) => [.. train
        .GroupBy(example => example.Label)
        .SelectMany(group =>
        {
            var members = group.ToArray();
            new RandomStream(Seeds.Mix(seed, group.Key, 0x6c63)).Shuffle<Example>(members);
            return members.Take(Math.Max(1, (int)Math.Round(share * members.Length)));
        })
        .OrderBy(example => example.Index)];

    private static string Word(double share) => FormattableString.Invariant($"{100 * share:0.##}");
}
