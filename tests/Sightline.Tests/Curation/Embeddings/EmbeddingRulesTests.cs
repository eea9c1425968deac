using Sightline.Curation;
using Sightline.Curation.Embeddings;
using Xunit;

namespace Sightline.Tests.Curation.Embeddings;

/// <summary>The rules over vectors made in the test.</summary>
public sealed class EmbeddingRulesTests
{
    private const int Dimensions = 12;

    private static readonly EmbeddingCheckOptions _options = new() { Neighbours = 5, NearCosine = 1 };

    [Fact]
    public void Near_duplicates_are_joined_within_their_split()
    {
        var rows = Vectors(40, 0.8);
        rows[7] = Close(rows[3]);
        rows[12] = Close(rows[3]);
        rows[39] = Close(rows[20]);
        var splits = Sample.Splits(rows, Labels(40), ["a", "b"], test: 5);

        var found = NearDuplicates.Find(splits, _options);

        Assert.Equal([[3, 7, 12]], found.Clusters);
        var finding = Assert.Single(found.Findings);
        Assert.Equal(("embedding-near-duplicate", Severity.Warning, "tiny/007.png"), (finding.Kind, finding.Severity, finding.Subject));
        Assert.Equal([7, 12, 3], finding.Images);
        Assert.InRange(finding.Score.GetValueOrDefault(), 0, 1e-4);
    }

    [Fact]
    public void Leakage_gives_accuracy_with_and_without()
    {
        var rows = Vectors(60, 0.8);
        rows[56] = Close(rows[2]);
        rows[57] = Close(rows[5]);
        var splits = Sample.Splits(rows, Labels(60), ["a", "b"], validation: 10, test: 10, wrong: [51, 52, 57]);

        var found = Leakage.Find(splits, _options);

        var table = found.Splits.Single(split => split is { Split: "test", From: "train" });
        Assert.Equal((10, 2, 1.0), (table.Pictures, table.Leaked, table.SameLabel));
        Assert.Equal(0.7, table.Accuracy);
        Assert.Equal(0.75, table.AccuracyWithout);
        Assert.Equal([("test", "train"), ("test", "validation"), ("validation", "train")], found.Splits.Select(split => (split.Split, split.From)));
        Assert.Equal(["tiny/056.png", "tiny/057.png"], found.Findings.Select(finding => finding.Subject).Order());
        Assert.All(found.Findings, finding => Assert.Equal(("embedding-leakage", Severity.Error), (finding.Kind, finding.Severity)));
        Assert.Equal([56, 2], found.Findings.Single(finding => finding.Subject == "tiny/056.png").Images);
    }

    [Fact]
    public void Outliers_are_the_pictures_far_from_all()
    {
        var rows = Vectors(60, 0.3);
        rows[11] = [.. Enumerable.Range(0, Dimensions).Select(d => d % 2 == 0 ? -1f : 0.1f)];
        var splits = Sample.Splits(rows, Labels(60), ["a", "b"]);

        var found = Outliers.Find(splits, _options with { OutlierRanges = 5 });

        Assert.Equal("tiny/011.png", Assert.Single(found.Findings).Subject);
        Assert.True(found.Findings[0].Score > found.MinimumDistance);
    }

    [Fact]
    public void Narrow_class_is_of_low_diversity()
    {
        int[] labels = [.. Enumerable.Range(0, 80).Select(i => i / 20)];
        var rows = labels.Select((label, i) => Sample.Near(label, Dimensions, label == 2 ? 0.02 : 0.6, i)).ToList();
        var splits = Sample.Splits(rows, labels, ["a", "b", "c", "d"]);

        var found = ClassCoverage.Find(splits, 0.05, _options);

        var finding = Assert.Single(found.Findings);
        Assert.Equal(("low-diversity", "c"), (finding.Kind, finding.Subject));
        Assert.InRange(found.PerClass[2].EffectiveCount.GetValueOrDefault(), 1, 1.1);
        Assert.InRange(found.PerClass[0].EffectiveCount.GetValueOrDefault(), 5, 20);
        Assert.Equal(20, found.PerClass[0].Pictures);
    }

    [Fact]
    public void Mixed_classes_overlap()
    {
        int[] labels = [.. Enumerable.Range(0, 90).Select(i => i % 3)];
        var rows = labels.Select((label, i) => Sample.Near(label == 2 ? 2 : 0, Dimensions, 0.8, i)).ToList();
        var splits = Sample.Splits(rows, labels, ["a", "b", "c"]);

        var found = ClassCoverage.Find(splits, 0.05, _options);

        var finding = Assert.Single(found.Findings);
        Assert.Equal(("overlapping-classes", "a and b"), (finding.Kind, finding.Subject));
        Assert.InRange(finding.Score.GetValueOrDefault(), 0.35, 0.65);
        Assert.Equal("b", found.PerClass[0].NearestClass);
    }

    // Friedman and Dieng 2023: n equal items are worth 1, n unlike ones n.
    [Fact]
    public void Effective_count_of_equal_and_of_orthogonal_vectors()
    {
        int[] labels = [0, 0, 0, 0, 1, 1, 1, 1];
        float[][] rows = [.. labels.Select((label, i) => Sample.Near(label == 0 ? 0 : i, Dimensions, 0, i))];

        var found = ClassCoverage.Find(Sample.Splits(rows, labels, ["same", "unlike"]), 0.05, _options);

        Assert.Equal(1, found.PerClass[0].EffectiveCount.GetValueOrDefault(), 1e-6);
        Assert.Equal(4, found.PerClass[1].EffectiveCount.GetValueOrDefault(), 1e-6);
    }

    // Every picture has a twin, so the median is a distance between twins and the fixed cosine decides.
    [Fact]
    public void Near_duplicates_are_found_where_all_have_one()
    {
        var rows = Enumerable.Range(0, 40).Select(i => Sample.Near(i % 2, Dimensions, 0.8, i / 4 * 2 + (i % 2))).ToList();
        rows = [.. rows.Select((row, i) => i % 4 < 2 ? row : Close(row))];
        var splits = Sample.Splits(rows, Labels(40), ["a", "b"]);

        var found = NearDuplicates.Find(splits, _options with { NearCosine = 0.9999 });

        Assert.Equal(20, found.Clusters.Count);
        Assert.Empty(NearDuplicates.Find(splits, _options).Clusters);
    }

    // Whole classes lie above the cosine: only the relative rule counts.
    [Fact]
    public void Near_duplicates_are_not_whole_classes()
    {
        var rows = Vectors(60, 0.2);
        rows[7] = Close(rows[3]);
        var splits = Sample.Splits(rows, Labels(60), ["a", "b"]);

        var found = NearDuplicates.Find(splits, _options with { NearCosine = 0.9 });

        Assert.Equal([[3, 7]], found.Clusters);
    }

    [Fact]
    public void Class_without_training_pictures_has_no_spread()
    {
        var found = ClassCoverage.Find(Sample.Splits(Vectors(10, 0.5), Labels(10), ["a", "b", "absent"]), 0.05, _options);

        Assert.Equal(new ClassSpread("absent", 0, null, null, null, null), found.PerClass[2]);
    }

    [Fact]
    public void Default_options_are_sound()
    {
        Assert.Empty(new EmbeddingCheckOptions().Check());
        Assert.Equal(4, new EmbeddingCheckOptions { Neighbours = 0, NearShare = 2, OutlierRanges = double.NaN, Overlap = 0 }.Check().Count());
    }

    private static List<float[]> Vectors(int count, double noise) => [.. Enumerable.Range(0, count).Select(i => Sample.Near(i % 2, Dimensions, noise, i))];

    private static int[] Labels(int count) => [.. Enumerable.Range(0, count).Select(i => i % 2)];

    private static float[] Close(float[] vector) => [.. vector.Select((value, d) => value + (d == 0 ? 0.002f : 0))];
}
