using Sightline.Inference;
using Sightline.Native;
using static TorchSharp.torch;

namespace Sightline.Curation.Embeddings;

/// <summary>Vectors seen along the directions in which they differ most: principal component analysis (Pearson 1901).</summary>
internal sealed record PrincipalAxes
{
    private const int Block = 4096;

    /// <summary>Coordinates of each row on each axis, [N,A] row-major; their mean is 0.</summary>
    public required double[] Coordinates { get; init; }

    /// <summary>Share of the whole variance along each axis, 0..1, the largest first.</summary>
    public required double[] Shares { get; init; }

    /// <summary>
    /// By the eigenvectors of the covariance in double precision, D x D. An axis points where the largest part of its direction is positive, so that the
    /// same vectors always give the same picture.
    /// </summary>
    /// <param name="rows">Vectors, [N,D].</param>
    /// <param name="axes">A, from 1; of fewer dimensions the rest is 0.</param>
    /// <param name="cancel">Stops after the current block.</param>
    public static PrincipalAxes Of(EmbeddingMatrix rows, int axes, CancellationToken cancel)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(axes, 1);
        NativeRuntime.EnsureLoaded();
        using var noGrad = no_grad();
        using var scope = NewDisposeScope();
        var mean = zeros(rows.Dimensions, ScalarType.Float64);
        ForEach(rows, cancel, (_, block) => mean.add_(block.sum(0, keepdim: false))); // A bare 0 would be taken for a type.
        mean.div_(rows.Count);
        var covariance = zeros(rows.Dimensions, rows.Dimensions, ScalarType.Float64);
        ForEach(rows, cancel, (_, block) =>
        {
            var centred = block - mean;
            covariance.add_(centred.t().mm(centred));
        });
        covariance.div_(rows.Count);
        var kept = Math.Min(axes, rows.Dimensions);
        var (values, vectors) = linalg.eigh(covariance); // Ascending.
        var directions = vectors.slice(1, rows.Dimensions - kept, rows.Dimensions, 1).flip(1);
        var largest = directions.gather(0, directions.abs().argmax(0, keepdim: true));
        directions = directions * largest.sign();
        var coordinates = new double[rows.Count * axes];
        ForEach(rows, cancel, (first, block) =>
        {
            var projected = (block - mean).mm(directions).contiguous().data<double>().ToArray();
            for (var i = 0; i < projected.Length; i++)
            {
                coordinates[((first + (i / kept)) * axes) + (i % kept)] = projected[i];
            }
        });
        var variances = values.flip(0).data<double>().ToArray();
        var all = variances.Sum(value => Math.Max(0, value));
        return new PrincipalAxes
        {
            Coordinates = coordinates,
            Shares = [.. Enumerable.Range(0, axes).Select(axis => axis < kept && all > 0 ? Math.Max(0, variances[axis]) / all : 0)],
        };
    }

    private static void ForEach(EmbeddingMatrix rows, CancellationToken cancel, Action<int, Tensor> act)
    {
        for (var first = 0; first < rows.Count; first += Block)
        {
            cancel.ThrowIfCancellationRequested();
            using var scope = NewDisposeScope();
            var count = Math.Min(Block, rows.Count - first);
            act(first, tensor(rows.Copy(first, count)).reshape(count, rows.Dimensions).to(ScalarType.Float64));
        }
    }
}
