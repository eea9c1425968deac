using Sightline.Curation.Embeddings;
using Sightline.Inference;
using TorchSharp;
using Xunit;

namespace Sightline.Tests.Curation.Embeddings;

public sealed class NeighboursTests
{
    // 4,700 rows need two blocks of the base and several of the queries.
    [Fact]
    public void Find_equals_a_search_of_every_pair()
    {
        var matrix = Sample.Random(4700, 6);
        const int first = 30;
        const int count = 700;

        var found = Neighbours.Find(matrix, (first, count), (0, matrix.Count), 5, CancellationToken.None);

        for (var i = 0; i < count; i += 37)
        {
            var expected = Enumerable.Range(0, matrix.Count).Where(row => row != first + i).OrderByDescending(row => Sample.Cosine(matrix, first + i, row)).Take(5).ToArray();
            Assert.Equal(expected, found.Rows(i).ToArray());
            for (var rank = 0; rank < 5; rank++)
            {
                Assert.Equal(1 - Sample.Cosine(matrix, first + i, expected[rank]), found.Distance(i, rank), 1e-6);
            }
        }
    }

    [Fact]
    public void Merge_of_parts_equals_the_whole()
    {
        var matrix = Sample.Random(300, 6);
        var whole = Neighbours.Find(matrix, (0, 300), (0, 300), 5, CancellationToken.None);

        var merged = Neighbours.Merge([
            Neighbours.Find(matrix, (0, 300), (0, 100), 5, CancellationToken.None), Neighbours.Find(matrix, (0, 300), (100, 200), 5, CancellationToken.None)]);

        for (var i = 0; i < 300; i++)
        {
            Assert.Equal(whole.Rows(i).ToArray(), merged.Rows(i).ToArray());
        }
    }

    [Fact]
    public void Find_gives_what_there_is_and_equal_rows_in_order()
    {
        var matrix = new EmbeddingMatrix(4, 2);
        for (var i = 0; i < 4; i++)
        {
            matrix.Row(i)[0] = 1;
        }

        var found = Neighbours.Find(matrix, (1, 2), (0, 4), 10, CancellationToken.None);

        Assert.Equal([0, 2, 3], found.Rows(0).ToArray());
        Assert.Equal([0, 1, 3], found.Rows(1).ToArray());
        Assert.Equal(0, found.Distance(0, 2));
    }

    [Fact]
    public void Find_leaves_no_tensors()
    {
        var matrix = Sample.Random(1200, 6);
        Neighbours.Find(matrix, (0, 1200), (0, 1200), 3, CancellationToken.None);
        var before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;

        for (var i = 0; i < 3; i++)
        {
            Neighbours.Find(matrix, (0, 1200), (0, 1200), 3, CancellationToken.None);
        }

        Assert.Equal(before, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
    }

    [Fact]
    public void Find_stops_when_cancelled()
    {
        Assert.Throws<OperationCanceledException>(() => Neighbours.Find(Sample.Random(10, 2), (0, 10), (0, 10), 1, new CancellationToken(canceled: true)));
    }
}
