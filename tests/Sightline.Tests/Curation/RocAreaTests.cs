using Sightline.Curation.Checks;
using Xunit;

namespace Sightline.Tests.Curation;

public sealed class RocAreaTests
{
    [Fact]
    public void Of_counts_pairs_and_halves_ties()
    {
        // scikit-learn 1.2.1: roc_auc_score(labels == k, values) for k = 0, 1, 2.
        var areas = RocArea.Of([0.1, 0.4, 0.4, 0.8, 0.9, 0.2], [0, 0, 1, 1, 2, 2], 4);

        Assert.Equal([0.1875, 0.6875, 0.625, 0.5], areas);
    }

    [Fact]
    public void Lambda_is_one_for_certain_sources_and_at_most_zero_for_chance()
    {
        Assert.Equal(1, ConfoundedSourceCheck.Lambda([[10, 0], [0, 10]], [10, 10]));
        Assert.True(ConfoundedSourceCheck.Lambda([[5, 5], [5, 5]], [10, 10]) <= 0);
    }
}
