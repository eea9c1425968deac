using Sightline.Data;
using Sightline.Inference;
using Sightline.Runs;
using Sightline.Training;

namespace Sightline.Evaluation;

/// <summary>A run's best weights on a split: what every command below <c>eval</c> begins with.</summary>
/// <param name="Run">The run.</param>
/// <param name="Data">The data judged, opened with the run's own way of splitting.</param>
/// <param name="Split">The split's name.</param>
/// <param name="Examples">Its pictures, labelled by the data's classes.</param>
/// <param name="Predictions">What the model said, in the same order; labelled by the run's classes.</param>
internal sealed record JudgedSplit(RunFolder Run, ImageDataset Data, string Split, IReadOnlyList<Example> Examples, Predictions Predictions)
{
    /// <summary>Judges a split; see <see cref="Evaluator.Run"/> for the arguments and their defaults.</summary>
    /// <param name="runFolder">The run.</param>
    /// <param name="dataLocation">Another data set, or null.</param>
    /// <param name="split">A split's name, or null.</param>
    /// <param name="views">Views averaged.</param>
    /// <param name="most">Of more pictures than this so many are taken, evenly over the split.</param>
    /// <param name="cancel">Stops after the current batch.</param>
    public static JudgedSplit Of(
        string runFolder, string? dataLocation = null, string? split = null, TestTimeAugmentation views = TestTimeAugmentation.None, int most = int.MaxValue,
        CancellationToken cancel = default)
    {
        var run = RunFolder.Open(runFolder);
        var data = dataLocation is null ? Trainer.OpenData(run) : ImageDatasets.Open(dataLocation, Trainer.Split(run.Settings.Options));
        var name = split ?? (dataLocation is null || data.HasGivenTest ? "test" : "all");
        var (shown, examples) = name switch
        {
            "all" => ("all", [.. data.Train, .. data.Validation, .. data.Test]),
            "test" when data.Test.Count == 0 => ("validation", data.Validation),
            "test" => ("test", data.Test),
            "validation" => ("validation", data.Validation),
            "train" => ("train", data.Train),
            _ => throw new SettingsException($"The split is '{split}'; it must be test, validation, train or all."),
        };
        return Of(run, data, shown, Spread(examples, most), views, cancel);
    }

    /// <summary>Judges the same pictures by another run.</summary>
    public JudgedSplit By(RunFolder other, CancellationToken cancel = default) =>
        Of(other, Data, Split, Examples, TestTimeAugmentation.None, cancel);

    /// <summary>A picture's path where it is a file, else its name.</summary>
    public string Path(Example example)
    {
        var name = Data.Images.Name(example.Index);
        var file = System.IO.Path.Combine(Data.Location, name);
        return File.Exists(file) ? file : name;
    }

    // Labels are places in a list of names; two data sets may have the same names in lists of different length.
    public static IReadOnlyList<Example> Relabel(ImageDataset data, RunFolder run, IReadOnlyList<Example> examples)
    {
        var known = run.Settings.Classes.Select((name, label) => (name, label)).ToDictionary(pair => pair.name, pair => pair.label);
        var unknown = data.Classes.Where(name => !known.ContainsKey(name)).ToList();
        return unknown.Count == 0
            ? examples.Select(example => example with { Label = known[data.Classes[example.Label]] }).ToList()
            : throw new DataException(
                $"'{data.Location}' has classes that the run does not know: {string.Join(", ", unknown)}. It knows {string.Join(", ", run.Settings.Classes)}.");
    }

    // Evenly over the split, since pictures often lie class by class.
    private static IReadOnlyList<Example> Spread(IReadOnlyList<Example> examples, int most) => examples.Count <= most
        ? examples
        : [.. Enumerable.Range(0, most).Select(i => examples[(int)((long)i * examples.Count / most)])];

    private static JudgedSplit Of(
        RunFolder run, ImageDataset data, string split, IReadOnlyList<Example> examples, TestTimeAugmentation views, CancellationToken cancel)
    {
        var relabelled = Relabel(data, run, examples);
        using var classifier = Classifier.Load(run.Path);
        return new JudgedSplit(run, data, split, examples, classifier.Predict(data.Images, relabelled, views, cancel));
    }
}
