using Sightline.Data;
using Sightline.Evaluation;
using Sightline.Inference;
using Sightline.Runs;
using Sightline.Weights;

namespace Sightline.Training;

/// <summary>Judges a session's model: after each epoch, within epochs where that is asked for, and at the end.</summary>
/// <param name="run">The run.</param>
/// <param name="data">Its data.</param>
/// <param name="parts">Borrowed; its model is left in evaluation mode.</param>
/// <param name="batches">Borrowed.</param>
/// <param name="memory">Borrowed; divides batches where memory runs out.</param>
/// <param name="average">Borrowed; judged in the weights' place. Null for none.</param>
internal sealed class SessionJudge(
    RunFolder run, ImageDataset data, SessionParts parts, SessionBatches batches, MemoryGuard memory, WeightAverage? average)
{
    /// <summary>Figures of the whole validation split.</summary>
    /// <param name="cancel">Ends it.</param>
    /// <param name="between">Called after each batch.</param>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public EvaluationResult Validate(CancellationToken cancel, Action between)
    {
        using var averaged = average?.Use();
        return Figures(Predict(data.Validation, batches.Validation, cancel, between));
    }

    /// <summary>Accuracy on some pictures, 0..1.</summary>
    public double Accuracy(IReadOnlyList<Example> examples)
    {
        using var averaged = average?.Use();
        using var loader = batches.Judged(examples);
        return Figures(Predict(examples, loader, CancellationToken.None)).Accuracy;
    }

    /// <summary>Loads the best weights, judges them, and writes calibration and report.</summary>
    /// <param name="now">The report's date.</param>
    /// <param name="cancel">Leaves the report unwritten.</param>
    /// <returns>Test accuracy, null without a test split, and the hashes of the best and the last weights.</returns>
    public (double? TestAccuracy, string Best, string Last) Finish(DateTimeOffset now, CancellationToken cancel)
    {
        var last = WeightsHash.Of(parts.Model.state_dict());
        WeightsLoader.Load(parts.Model, run.BestWeights);
        var best = WeightsHash.Of(parts.Model.state_dict());
        var heat = new HeatPictures(parts.Model, parts.Input, run.Settings.Preprocessing);
        var evaluation = FinalEvaluation.Run(run, data, Judged, heat, now);
        return (data.Test.Count > 0 ? evaluation.Accuracy : null, best, last);

        Predictions Judged(IReadOnlyList<Example> examples)
        {
            using var loader = batches.Judged(examples);
            return Predict(examples, loader, cancel);
        }
    }

    private static EvaluationResult Figures(Predictions predictions) => Metrics.Compute(predictions, new MetricsOptions { BootstrapSamples = 0 });

    private Predictions Predict(IReadOnlyList<Example> examples, BatchLoader loader, CancellationToken cancel, Action? between = null) => memory.Validate(
        divided => ModelRunner.Predict(parts.Model, parts.Input, data.Classes, data.Images, examples, loader, cancel, divided, between));
}
