using Sightline.Inference;
using Sightline.Runs;
using Sightline.Training;

namespace Sightline.Evaluation;

/// <summary>Judges runs' best weights.</summary>
public static class Evaluator
{
    /// <summary>Evaluates a whole split, or all pictures, with the run's own preprocessing.</summary>
    /// <param name="runFolder">The run.</param>
    /// <param name="dataLocation">Another data set with the same classes; null takes the run's own, which must not have changed.</param>
    /// <param name="split">
    /// <c>test</c> (validation where there is no test split), <c>validation</c>, <c>train</c> or <c>all</c>. Null: <c>test</c>, but <c>all</c> for another
    /// data set that came without a test split, because none of it was trained on.
    /// </param>
    /// <param name="views">Over which views of each picture the probabilities are averaged; the time grows with their number.</param>
    /// <exception cref="NotFoundException">The run, its weights or the data are not there.</exception>
    /// <exception cref="DataException">The data changed, has a class that the run does not know, or the split is empty.</exception>
    public static EvaluationResult Run(
        string runFolder, string? dataLocation = null, string? split = null, TestTimeAugmentation views = TestTimeAugmentation.None)
    {
        var judged = JudgedSplit.Of(runFolder, dataLocation, split, views);

        // The temperature was fitted for one view; averaging several makes probabilities less sure by itself.
        var calibration = views == TestTimeAugmentation.None ? Calibration.Of(judged.Run) : null;
        return Metrics.Compute(judged.Predictions, new MetricsOptions { Calibration = calibration });
    }

    /// <summary>Fits a run's temperature on its validation pictures and stores it with the run.</summary>
    /// <param name="runFolder">The run.</param>
    /// <exception cref="NotFoundException">The run, its weights or the data are not there.</exception>
    /// <exception cref="DataException">The data changed.</exception>
    public static Calibration Calibrate(string runFolder)
    {
        var judged = JudgedSplit.Of(runFolder, split: "validation");
        var calibration = Calibration.Fit(judged.Predictions);
        calibration.Write(judged.Run);
        return calibration;
    }

    /// <summary>Judges a run again and writes its report and calibration anew, as its training did at its end.</summary>
    /// <param name="runFolder">The run; unfinished ones have the best weights so far.</param>
    /// <exception cref="NotFoundException">The run, its weights or the data are not there.</exception>
    /// <exception cref="DataException">The data changed.</exception>
    public static EvaluationResult Report(string runFolder)
    {
        var run = RunFolder.Open(runFolder);
        using var classifier = Classifier.Load(runFolder);
        var data = Trainer.OpenData(run);
        return FinalEvaluation.Run(run, data, examples => classifier.Predict(data.Images, examples), classifier.Heat(), DateTimeOffset.UtcNow);
    }

    /// <summary>Compares two runs on the same pictures.</summary>
    /// <param name="firstRun">One run.</param>
    /// <param name="secondRun">The other; it must have the same classes.</param>
    /// <param name="dataLocation">The data; null takes the first run's.</param>
    /// <param name="split">As in <see cref="Run"/>.</param>
    /// <param name="options">Bootstrap; null takes the defaults.</param>
    /// <exception cref="NotFoundException">A run, its weights or the data are not there.</exception>
    /// <exception cref="DataException">The classes differ, the data changed, or the split is empty.</exception>
    public static RunComparison Compare(
        string firstRun, string secondRun, string? dataLocation = null, string? split = null, MetricsOptions? options = null)
    {
        var other = RunFolder.Open(secondRun);
        var known = RunFolder.Open(firstRun).Settings.Classes;
        if (!known.Order(StringComparer.Ordinal).SequenceEqual(other.Settings.Classes.Order(StringComparer.Ordinal)))
        {
            throw new DataException(
                $"The runs have different classes: '{firstRun}' has {string.Join(", ", known)}; '{secondRun}' has {string.Join(", ", other.Settings.Classes)}. " +
                "Compare runs of the same classes.");
        }

        var first = JudgedSplit.Of(firstRun, dataLocation, split);
        var second = first.By(other);
        return RunComparison.Of(first.Predictions, InOrder(second.Predictions, known), options) with
        {
            First = first.Run.Path,
            Second = other.Path,
            Data = first.Data.Location,
            Split = first.Split,
            Warnings = [.. ComparisonWarnings.Of(first, other)],
        };
    }

    /// <summary>The same predictions with the classes in another order.</summary>
    private static Predictions InOrder(Predictions predictions, IReadOnlyList<string> classes)
    {
        if (predictions.Classes.SequenceEqual(classes))
        {
            return predictions;
        }

        var places = predictions.Classes.Select((name, label) => (name, label)).ToDictionary(pair => pair.name, pair => pair.label);
        int[] from = [.. classes.Select(name => places[name])];
        var logits = new float[predictions.Logits.Length];
        for (var i = 0; i < logits.Length; i++)
        {
            logits[i] = predictions.Logits[i - (i % from.Length) + from[i % from.Length]];
        }

        return predictions with { Classes = classes, Logits = logits, Labels = Array.ConvertAll(predictions.Labels, label => Array.IndexOf(from, label)) };
    }
}
