using Sightline.Curation;
using Sightline.Curation.Labels;
using Sightline.Data;
using Sightline.Training;
using Xunit;

namespace Sightline.Tests.Curation.Labels;

[Collection("Alone")] // LibTorch has one random state for all threads.
public sealed class LabelErrorsTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("sightline-labels-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Find_by_training_finds_the_wrong_labels_and_leaves_no_run()
    {
        var data = Mislabelled();
        var progress = new Told();

        var result = LabelErrors.Find(data, Options(), progress, CancellationToken.None);

        Assert.Equal(["tiny/004.png", "tiny/025.png"], result.Findings.Select(finding => finding.Subject).Order());
        Assert.All(result.Findings, finding => Assert.Equal(("wrong-label", Severity.Warning), (finding.Kind, finding.Severity)));
        Assert.Equal("dark", result.Findings.Single(finding => finding.Subject == "tiny/004.png").SuggestedClass);
        Assert.Equal([4], result.Findings.Single(finding => finding.Subject == "tiny/004.png").Images);
        Assert.Equal(80, result.Report.Pictures);
        Assert.Equal(1, result.Report.PerClass[0].Flagged);
        Assert.Equal(80, result.Probabilities.Count);
        Assert.Empty(Directory.EnumerateFileSystemEntries(_folder));
        Assert.Equal(1.0, progress.Values[^1].Share);
        Assert.Equal(progress.Values.Select(value => value.Share).Order(), progress.Values.Select(value => value.Share));
    }

    [Fact]
    public void Find_same_seed_gives_same_probabilities()
    {
        var first = LabelErrors.Find(Mislabelled(), Options(epochs: 1), null, CancellationToken.None).Probabilities;
        var second = LabelErrors.Find(Mislabelled(), Options(epochs: 1), null, CancellationToken.None).Probabilities;

        Assert.Equal(
            Enumerable.Range(0, first.Count).SelectMany(i => first.Row(i).ToArray()), Enumerable.Range(0, second.Count).SelectMany(i => second.Row(i).ToArray()));
    }

    [Fact]
    public void Find_cancelled_keeps_nothing()
    {
        using var cancel = new CancellationTokenSource();
        var progress = new Told { Do = cancel.Cancel };

        var problem = Assert.Throws<StoppedException>(() => LabelErrors.Find(Mislabelled(), Options(), progress, cancel.Token));

        Assert.Equal("The training of the folds was stopped; nothing of it is kept. Run the command again to start over.", problem.Message);
        Assert.Empty(Directory.EnumerateFileSystemEntries(_folder));
    }

    [Fact]
    public void Find_from_a_file_judges_all_splits_when_asked()
    {
        int[] looks = [.. Enumerable.Range(0, 60).Select(i => i % 2)];
        var data = TinyPictures.Dataset(looks, ["dark", "light"], new() { [57] = 0 }, validation: 10, test: 10);
        var file = Path.Combine(_folder, "p.csv");
        File.WriteAllLines(file, looks.Select(look => look == 0 ? "0.9,0.1" : "0.1,0.9"));

        var result = LabelErrors.Find(data, new LabelErrorOptions { Probabilities = file, AllSplits = true }, null, CancellationToken.None);

        var finding = Assert.Single(result.Findings);
        Assert.Equal("tiny/057.png", finding.Subject);
        Assert.Equal("light", finding.SuggestedClass);
        Assert.Equal(0.1, finding.Score.GetValueOrDefault(), 1e-6);
        Assert.Equal(
            "Labelled 'dark', but models that did not train on it see 'light': probability 0.900 against 0.100. Look at it and relabel it if they are right.",
            finding.Reason);
        Assert.Equal(file, result.Report.ProbabilitiesFrom);
        Assert.Equal(new ClassNoise("dark", 31, 1, 1, "light"), result.Report.PerClass[0]);
    }

    [Fact]
    public void Find_options_out_of_range_are_all_named()
    {
        var options = new LabelErrorOptions { OutOfFold = new OutOfFoldOptions { Folds = 1 }, Confident = new ConfidentLearningOptions { MinimumPerClass = -1 } };

        var problem = Assert.Throws<SettingsException>(() => LabelErrors.Find(Mislabelled(), options, null, CancellationToken.None));

        Assert.Contains("MinimumPerClass is -1", problem.Message);
        Assert.Contains("Folds is 1; it must be from 2 to 20. Use 4.", problem.Message);
    }

    [Fact]
    public void Default_options_and_recipe_are_sound()
    {
        Assert.Empty(new LabelErrorOptions().Check());
        Assert.Empty(OutOfFold.Recipe(Mislabelled(), 80, 1).Check());
    }

    private static ImageDataset Mislabelled() =>
        TinyPictures.Dataset([.. Enumerable.Range(0, 80).Select(i => i % 2)], ["dark", "light"], new() { [4] = 1, [25] = 0 });

    private LabelErrorOptions Options(int epochs = 6) => new()
    {
        OutOfFold = new OutOfFoldOptions
        {
            Folds = 2,
            WorkFolder = _folder,
            Training = OutOfFold.Recipe(Mislabelled(), 80, 1) with { Epochs = epochs, BatchSize = 8, Threads = 1, Workers = 1, Device = "cpu" },
        },
    };

    private sealed class Told : IProgress<FoldProgress>
    {
        public List<FoldProgress> Values { get; } = [];

        public Action? Do { get; init; }

        public void Report(FoldProgress value)
        {
            Values.Add(value);
            Do?.Invoke();
        }
    }
}
