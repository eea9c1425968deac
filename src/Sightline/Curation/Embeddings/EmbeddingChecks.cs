using Sightline.Data;
using Sightline.Inference;
using Sightline.Runs;
using TorchSharp;
using static TorchSharp.torch;

namespace Sightline.Curation.Embeddings;

/// <summary>Judges a data set by how a trained model sees it.</summary>
public static class EmbeddingChecks
{
    private const int MostOverlaps = 50;

    /// <summary>Embeds every picture, finds its nearest ones, and from these leakage, near duplicates, outliers, narrow and overlapping classes.</summary>
    /// <param name="data">The data set; it need not be the one that the model was trained on.</param>
    /// <param name="runFolder">The run whose model is used.</param>
    /// <param name="options">Neighbours and limits.</param>
    /// <param name="progress">Told on the calling thread; null for silence.</param>
    /// <param name="cancel">Stops after the current batch or block.</param>
    /// <remarks>
    /// Exact: every picture is compared with every other by blocks of a matrix product, N² x D multiply-adds. Memory: the vectors, N x D x 4 bytes, and
    /// some 300 bytes per picture.
    /// </remarks>
    /// <exception cref="SettingsException">An option is out of its range; the message lists all.</exception>
    /// <exception cref="NotFoundException">There is no such run, or it has no weights yet.</exception>
    /// <exception cref="DataException">A picture cannot be decoded, or the model's output is not finite.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public static EmbeddingCheckResult Run(
        ImageDataset data, string runFolder, EmbeddingCheckOptions options, IProgress<EmbeddingProgress>? progress, CancellationToken cancel)
    {
        var problems = options.Check().ToArray();
        if (problems.Length > 0)
        {
            throw new SettingsException(string.Join(Environment.NewLine, problems));
        }

        var settings = RunFolder.Open(runFolder).Settings;
        using var classifier = Classifier.Load(runFolder);
        set_num_threads(options.Threads ?? Environment.ProcessorCount);
        Example[] examples = [.. data.Train, .. data.Validation, .. data.Test];
        var told = progress is null ? null : new Telling(progress);
        var (unit, predictions) = classifier.Embed(data.Images, examples, told, cancel);
        unit.Normalize();

        var splits = new EmbeddedSplits(data, unit, predictions, options.Neighbours, progress, cancel);
        var near = NearDuplicates.Find(splits, options);
        var leakage = Leakage.Find(splits, options);
        var outliers = Outliers.Find(splits, options);
        var classes = ClassCoverage.Find(splits, near.MedianDistance, options);
        return new EmbeddingCheckResult
        {
            Findings = [.. leakage.Findings, .. near.Findings, .. outliers.Findings, .. classes.Findings],
            Report = new EmbeddingReport
            {
                Run = runFolder,
                Model = settings.Model,
                Pictures = unit.Count,
                Dimensions = unit.Dimensions,
                MedianDistance = near.MedianDistance,
                NearDistance = near.MaximumDistance,
                OutlierDistance = outliers.MinimumDistance,
                NearDuplicateClusters = near.Clusters.Count,
                Outliers = outliers.Findings.Count,
                Leakage = leakage.Splits,
                PerClass = classes.PerClass,
                Overlaps = [.. classes.Overlaps.Take(MostOverlaps)],
            },
            Clusters = near.Clusters,
            IsRight = splits.IsRight,
            Embeddings = unit,
        };
    }

    private sealed class Telling(IProgress<EmbeddingProgress> progress) : IProgress<double>
    {
        public void Report(double value) => progress.Report(new EmbeddingProgress("embeddings", value));
    }
}
