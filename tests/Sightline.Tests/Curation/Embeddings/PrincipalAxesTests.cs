using Sightline.Curation.Embeddings;
using Sightline.Inference;
using Xunit;

namespace Sightline.Tests.Curation.Embeddings;

public sealed class PrincipalAxesTests
{
    // scikit-learn's PCA(2, svd_solver="full") on the same vectors in double precision; the sign as here.
    private static readonly double[] Golden =
    [
        -3.057491087, 1.248427984, -3.491363128, -0.353428153, -1.370332199, -1.903909918, -0.295843377, 0.200828046, -1.506574975, 1.312281801, -1.081888413, -0.975525818,
        1.206589528, -1.394096988, 1.379370498, 1.104911582, 0.233552118, 0.98285549, 1.543218955, -1.381360733, 3.538733973, -0.546732439, 2.902028105, 1.705749147,
    ];

    [Fact]
    public void Of_known_vectors_agrees_with_scikit_learn()
    {
        var rows = new EmbeddingMatrix(12, 5);
        for (var i = 0; i < 12; i++)
        {
            for (var j = 0; j < 5; j++)
            {
                rows.Row(i)[j] = (float)(Math.Sin((1.7 * i) + (0.9 * j * j)) + (j == 2 ? 0.5 * i : 0) + (j == 4 ? 0.2 * i : 0));
            }
        }

        var axes = PrincipalAxes.Of(rows, 2, CancellationToken.None);

        Assert.All(Golden.Zip(axes.Coordinates), pair => Assert.Equal(pair.First, pair.Second, 1e-6)); // The vectors are single precision.
        Assert.Equal(0.699817999, axes.Shares[0], 1e-7);
        Assert.Equal(0.225128498, axes.Shares[1], 1e-7);
        Assert.Equal(axes.Coordinates, PrincipalAxes.Of(rows, 2, CancellationToken.None).Coordinates);
    }

    [Theory]
    [InlineData(1, 4)]
    [InlineData(3, 1)]
    public void Of_one_vector_or_one_dimension_the_rest_is_zero(int count, int dimensions)
    {
        var rows = new EmbeddingMatrix(count, dimensions);
        for (var i = 0; i < count; i++)
        {
            rows.Row(i)[0] = i;
        }

        var axes = PrincipalAxes.Of(rows, 2, CancellationToken.None);

        Assert.Equal(2 * count, axes.Coordinates.Length);
        Assert.All(Enumerable.Range(0, count), i => Assert.Equal(0, axes.Coordinates[(2 * i) + 1], 1e-9));
        Assert.Equal(count == 1 ? 0 : 1, axes.Shares[0], 1e-9);
    }
}
