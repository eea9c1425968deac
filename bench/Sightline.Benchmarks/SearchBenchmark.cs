using System.Diagnostics;
using System.Globalization;
using Sightline.Data;
using Sightline.Search;
using Sightline.Search.Report;
using Sightline.Training;
using Sightline.Tuning;

namespace Sightline.Benchmarks;

/// <summary>A real study: does the winner beat the recipe at equal training time?</summary>
/// <remarks>The study is kept in memory and its runs on the disk: begun again in the same folder, it repeats itself without training twice, since each
/// proposal follows from the seed and the history, and goes on where it stopped.</remarks>
internal static class SearchBenchmark
{
    /// <summary>Works on the study for at most so many minutes; prints its trials, and in the end the candidates over three seeds.</summary>
    public static void Run(string folder, int trials, double minutes, int threads, TextWriter output)
    {
        using var stop = new CancellationTokenSource(TimeSpan.FromMinutes(minutes));
        var recipe = new TrainOptions
        {
            Model = "resnet10_small",
            Epochs = 5,
            BatchSize = 64,
            Precision = Precision.Auto,
            ValidationShare = 0.05,
            Threads = threads,
            Workers = 1,
            Layout = MemoryLayout.Nhwc,
        };
        var data = ImageDatasets.Open(new FashionMnistOptions().PackageFolder, Trainer.Split(recipe));
        var pruner = new PrunerOptions();
        var objective = new ImageObjective(new ImageSearchOptions { Recipe = recipe, DataShare = 0.1, LookPictures = 1000, Pruner = pruner }, data);
        var space = SpacePresets.Of("quick", recipe, isSmall: true);
        TrialSettings.Check(recipe, space);
        var options = new StudyOptions
        {
            Name = "fashion-mnist-quick", Directions = [Direction.Maximize], Seed = 1, Sampler = "gp", Pruner = pruner with { MaxStep = objective.FullStep },
        };
        var study = new Study(space, options, objective.Allows);
        if (TrialSettings.Baseline(recipe, space) is { } baseline)
        {
            study.Enqueue(baseline);
        }

        var watch = Stopwatch.StartNew();
        var hours = new Dictionary<int, double>();
        var isDone = ImageStudy.Run(study, objective, folder, trials, (trial, outcome, seconds) =>
        {
            hours[trial.Number] = seconds / 3600;
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{watch.Elapsed.TotalSeconds,5:f0} s  trial {trial.Number,2} {trial.State,-9} " +
                $"{(trial.Values.Count > 0 ? trial.Values[0] : trial.Reports.Count > 0 ? trial.Reports[^1].Value : double.NaN):p2} at {trial.LastStep} in {seconds:f0} s  {trial.Configuration} {outcome.Reason}"));
        }, stop.Token);
        if (!isDone)
        {
            output.WriteLine("Not finished: run the same command again.");
            return;
        }

        IReadOnlyList<WinnerRow> winners = [];
        try
        {
            winners = WinnerCheck.Run(objective, ImageStudy.Best(study), recipe.Seed, Path.Combine(folder, "winners"), withRecipe: true, output.WriteLine, stop.Token);
        }
        catch (StoppedException)
        {
            output.WriteLine("Winners not finished: run the same command again.");
        }

        foreach (var row in winners)
        {
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{(row.Number is { } number ? $"trial {number}" : "recipe"),-8} validation {row.Validation.Average():p2} +- {100 * WinnerCheck.Deviation(row.Validation):f2}, " +
                $"test {row.Test.Average():p2} +- {100 * WinnerCheck.Deviation(row.Test):f2}  {row.Configuration}"));
        }

        File.WriteAllText(Path.Combine(folder, "study.html"), StudyPage.Write(ImageStudy.Report(study, winners, hours, 0, TimeProvider.System.GetUtcNow())));
    }
}
