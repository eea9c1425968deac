using System.IO.Compression;
using Sightline.Curation.Labels;
using Sightline.Weights;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace Sightline.Tests.Curation.Labels;

/// <summary>
/// Against the authors' own flags: CIFAR-10 with 19.9 % wrong labels, four-fold ResNet-50 probabilities in float16 and keep masks of
/// two rules (cgnorthcutt/confidentlearning-reproduce, MIT licence).
/// </summary>
public sealed class PublishedLabelErrorsTests
{
    // Ties of float16 numbers at the cuts leave a few pictures free to either side. The authors' flags are those before the last step.
    [Theory]
    [InlineData(PruningRule.NoiseRate, "keep_mask_noise_rate.npy", 0.997)]
    [InlineData(PruningRule.OffDiagonal, "keep_mask_off_diagonal.npy", 0.999)]
    public void Find_flags_what_the_authors_published(PruningRule rule, string mask, double jaccard)
    {
        var folder = Folder();

        var flagged = Find(folder, new ConfidentLearningOptions { Rule = rule, SpareLikeliest = false }).Flagged;

        var published = Removed(Path.Combine(folder, mask));
        var same = (double)flagged.Intersect(published).Count() / flagged.Union(published).Count();
        TestContext.Current.TestOutputHelper?.WriteLine($"{rule}: Jaccard {same:0.00000}, {flagged.Count} flagged, {published.Count} published");
        Assert.InRange(same, jaccard, 1);
    }

    // F1 of an independent implementation of the same steps on the same file.
    [Theory]
    [InlineData(PruningRule.PredictedClass, 0.709)]
    [InlineData(PruningRule.OffDiagonal, 0.752)]
    [InlineData(PruningRule.NoiseRate, 0.767)]
    [InlineData(PruningRule.Class, 0.764)]
    [InlineData(PruningRule.Both, 0.781)]
    public void Find_finds_the_flipped_labels(PruningRule rule, double f1)
    {
        var (flagged, wrong) = Find(Folder(), new ConfidentLearningOptions { Rule = rule });

        var found = (double)flagged.Intersect(wrong).Count();
        TestContext.Current.TestOutputHelper?.WriteLine(
            $"{rule}: precision {found / flagged.Count:0.0000}, recall {found / wrong.Count:0.0000}, F1 {2 * found / (flagged.Count + wrong.Count):0.0000}");
        Assert.InRange(2 * found / (flagged.Count + wrong.Count), f1 - 0.002, f1 + 0.002);
    }

    private static (HashSet<int> Flagged, HashSet<int> Wrong) Find(string folder, ConfidentLearningOptions options)
    {
        var (given, actual) = Labels(Path.Combine(folder, "labels.csv.gz"));
        var result = ConfidentLearning.Find(Probabilities(folder), given, options);
        return (result.Issues.Select(issue => issue.Row).ToHashSet(), Enumerable.Range(0, given.Length).Where(i => given[i] != actual[i]).ToHashSet());
    }

    private static string Folder()
    {
        var folder = Shared.Data("label_errors");
        Assert.SkipWhen(folder is null, "The shared data folder with label_errors is not beside the repository.");
        return folder;
    }

    private static ClassProbabilities Probabilities(string folder)
    {
        using var scope = NewDisposeScope();
        var values = NumpyFile.Read(Path.Combine(folder, "probabilities.npy")).to(ScalarType.Float32);
        return new ClassProbabilities(values.data<float>().ToArray(), (int)values.shape[1]);
    }

    private static HashSet<int> Removed(string mask)
    {
        using var scope = NewDisposeScope();
        var keep = NumpyFile.Read(mask).data<bool>().ToArray();
        return Enumerable.Range(0, keep.Length).Where(i => !keep[i]).ToHashSet();
    }

    private static (int[] Given, int[] Actual) Labels(string file)
    {
        using var reader = new StreamReader(new GZipStream(File.OpenRead(file), CompressionMode.Decompress));
        var rows = reader.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries).Skip(1).Select(line => line.Trim().Split(',')).ToList();
        return ([.. rows.Select(row => int.Parse(row[1]))], [.. rows.Select(row => int.Parse(row[2]))]);
    }
}
