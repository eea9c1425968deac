namespace Sightline.Curation.Labels;

/// <summary>A model's probabilities of every class for a list of pictures, checked.</summary>
/// <remarks>For confident learning they must be out of sample: given by models that did not train on the picture they judge.</remarks>
public sealed class ClassProbabilities
{
    /// <summary>Furthest that a row's sum may lie from 1. Rows of float16 numbers miss it by up to 0.003 (measured with 10 classes).</summary>
    public const double SumTolerance = 0.02;

    private readonly float[] _values;

    /// <summary>Takes over a matrix.</summary>
    /// <param name="values">Row-major [N,K], each 0..1, each row's sum 1 within <see cref="SumTolerance"/>. Not copied.</param>
    /// <param name="classes">K; at least 1.</param>
    /// <exception cref="DataException">A value is no probability or a row does not sum to 1; the message names the first such row, from 0.</exception>
    /// <exception cref="ArgumentException">The number of values is no multiple of <paramref name="classes"/>.</exception>
    public ClassProbabilities(float[] values, int classes)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(classes, 1);
        if (values.Length % classes != 0)
        {
            throw new ArgumentException(
                $"{values.Length} probabilities were given; with {classes} classes it must be a multiple of that.", nameof(values));
        }

        _values = values;
        Classes = classes;
        Count = values.Length / classes;
        for (var i = 0; i < Count; i++)
        {
            Check(i);
        }
    }

    /// <summary>Rows, N.</summary>
    public int Count { get; }

    /// <summary>Columns, K.</summary>
    public int Classes { get; }

    /// <summary>The probabilities of one picture, [K].</summary>
    /// <param name="index">0 to <see cref="Count"/> - 1.</param>
    public ReadOnlySpan<float> Row(int index) => _values.AsSpan(index * Classes, Classes);

    /// <summary>The most probable class of a row; the first of equals.</summary>
    /// <param name="index">0 to <see cref="Count"/> - 1.</param>
    public int Largest(int index)
    {
        var row = Row(index);
        var place = 0;
        for (var k = 1; k < row.Length; k++)
        {
            place = row[k] > row[place] ? k : place;
        }

        return place;
    }

    private void Check(int index)
    {
        var sum = 0.0;
        var row = Row(index);
        for (var k = 0; k < row.Length; k++)
        {
            if (row[k] is not (>= 0 and <= 1 + (float)SumTolerance))
            {
                throw new DataException(
                    $"Row {index} of the probabilities has {row[k]} for class {k}; every value must be a number from 0 to 1. " +
                    "Give probabilities (softmax of the logits), without gaps.");
            }

            sum += row[k];
        }

        if (Math.Abs(sum - 1) > SumTolerance)
        {
            throw new DataException(
                $"Row {index} of the probabilities sums to {sum:0.####}; it must be 1 within {SumTolerance}. " +
                $"Give probabilities (softmax of the logits) of all {Classes} classes.");
        }
    }
}
