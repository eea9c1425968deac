using Sightline.Data;
using Sightline.Evaluation;
using Sightline.Inference;

namespace Sightline.Runs;

/// <summary>What a finished training leaves beside its weights: calibration and report.</summary>
internal static class FinalEvaluation
{
    /// <summary>Judges the best weights.</summary>
    /// <param name="run">Where the files go.</param>
    /// <param name="data">The data.</param>
    /// <param name="judge">Logits of pictures by the best weights.</param>
    /// <param name="heat">Explains answers of the best weights.</param>
    /// <param name="now">The report's date.</param>
    /// <returns>The figures of the test split, or of validation where there is none.</returns>
    public static EvaluationResult Run(RunFolder run, ImageDataset data, Func<IReadOnlyList<Example>, Predictions> judge, HeatPictures heat, DateTimeOffset now)
    {
        var hasTest = data.Test.Count > 0;
        var split = hasTest ? data.Test : data.Validation;
        var predictions = judge(split);
        var calibration = Calibration.Fit(hasTest ? judge(data.Validation) : predictions);
        calibration.Write(run);
        var evaluation = Metrics.Compute(predictions, new MetricsOptions { Calibration = calibration });
        RunReporting.Write(run, data, split, predictions, evaluation, heat, now);
        return evaluation;
    }
}
