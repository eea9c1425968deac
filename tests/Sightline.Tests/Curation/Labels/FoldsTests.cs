using Sightline.Curation.Labels;
using Sightline.Data;
using Xunit;

namespace Sightline.Tests.Curation.Labels;

public sealed class FoldsTests
{
    [Fact]
    public void Assign_keeps_the_shares_of_classes()
    {
        var examples = Examples([50, 30, 7, 1]);

        var folds = Folds.Assign(examples, 4, 1, []);

        foreach (var label in Enumerable.Range(0, 4))
        {
            var counts = Enumerable.Range(0, 4).Select(fold => examples.Where((example, i) => example.Label == label && folds[i] == fold).Count()).ToArray();
            Assert.True(counts.Max() - counts.Min() <= 1, $"class {label}: {string.Join(", ", counts)}");
        }

        Assert.All(folds.CountBy(fold => fold), fold => Assert.InRange(fold.Value, 21, 23));
    }

    [Fact]
    public void Assign_keeps_clusters_whole_and_folds_even()
    {
        var examples = Examples([40, 40]);
        int[][] clusters = [[0, 41, 2], [2, 5], [60, 61, 62, 63, 64, 65], [7, 1000]];

        var folds = Folds.Assign(examples, 4, 1, clusters);

        Assert.Single(new[] { 0, 41, 2, 5 }.Select(i => folds[i]).Distinct());
        Assert.Single(Enumerable.Range(60, 6).Select(i => folds[i]).Distinct());
        Assert.All(folds.CountBy(fold => fold), fold => Assert.InRange(fold.Value, 19, 21));
    }

    [Fact]
    public void Assign_follows_from_the_seed()
    {
        var examples = Examples([20, 20]);

        Assert.Equal(Folds.Assign(examples, 4, 1, []), Folds.Assign(examples, 4, 1, []));
        Assert.NotEqual(Folds.Assign(examples, 4, 1, []), Folds.Assign(examples, 4, 2, []));
    }

    [Fact]
    public void Assign_fewer_clusters_than_folds_is_bad_data()
    {
        var problem = Assert.Throws<DataException>(() => Folds.Assign(Examples([3, 2]), 4, 1, [[0, 1, 2]]));

        Assert.Equal(
            "5 pictures in 3 clusters cannot be divided into 4 folds; there must be at least one cluster per fold. Take fewer folds or add pictures.",
            problem.Message);
    }

    private static Example[] Examples(int[] sizes) =>
        [.. sizes.SelectMany((size, label) => Enumerable.Repeat(label, size)).Select((label, i) => new Example(i, label))];
}
