using Sightline.Data;
using Sightline.Inference;
using Sightline.Runs;
using Sightline.Training;

namespace Sightline.Evaluation;

/// <summary>Judges a run's best weights.</summary>
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
        var run = RunFolder.Open(runFolder);
        using var classifier = Classifier.Load(runFolder);
        var data = dataLocation is null ? Trainer.OpenData(run) : ImageDatasets.Open(dataLocation, Trainer.Split(run.Settings.Options));
        var examples = (split ?? (dataLocation is null || data.HasGivenTest ? "test" : "all")) switch
        {
            "all" => [.. data.Train, .. data.Validation, .. data.Test],
            "test" => data.Test.Count > 0 ? data.Test : data.Validation,
            "validation" => data.Validation,
            "train" => data.Train,
            _ => throw new SettingsException($"The split is '{split}'; it must be test, validation, train or all."),
        };
        return Metrics.Compute(classifier.Predict(data.Images, Relabel(data, run, examples), views));
    }

    // Labels are places in a list of names; two data sets may have the same names in lists of different length.
    internal static IReadOnlyList<Example> Relabel(ImageDataset data, RunFolder run, IReadOnlyList<Example> examples)
    {
        var known = run.Settings.Classes.Select((name, label) => (name, label)).ToDictionary(pair => pair.name, pair => pair.label);
        var unknown = data.Classes.Where(name => !known.ContainsKey(name)).ToList();
        return unknown.Count == 0
            ? examples.Select(example => example with { Label = known[data.Classes[example.Label]] }).ToList()
            : throw new DataException(
                $"'{data.Location}' has classes that the run does not know: {string.Join(", ", unknown)}. It knows {string.Join(", ", run.Settings.Classes)}.");
    }
}
