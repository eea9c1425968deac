namespace Sightline.Numerics;

/// <summary>The factor L of a symmetric positive definite matrix A = L L', in double precision, rows stored one after another.</summary>
internal sealed class Cholesky
{
    private readonly double[] _factor;
    private readonly int _n;

    private Cholesky(double[] factor, int n) => (_factor, _n) = (factor, n);

    /// <summary>The logarithm of the determinant.</summary>
    public double LogDeterminant
    {
        get
        {
            var sum = 0.0;
            for (var i = 0; i < _n; i++)
            {
                sum += Math.Log(_factor[(i * _n) + i]);
            }

            return 2 * sum;
        }
    }

    /// <summary>Factors a matrix; null where it is not positive definite.</summary>
    /// <param name="matrix">[n, n] by rows; its lower half is read and nothing is changed.</param>
    /// <param name="n">At least 1.</param>
    public static Cholesky? Factor(ReadOnlySpan<double> matrix, int n)
    {
        var l = matrix[..(n * n)].ToArray();
        for (var i = 0; i < n; i++)
        {
            var row = l.AsSpan(i * n, n);
            for (var j = 0; j <= i; j++)
            {
                var other = l.AsSpan(j * n, j);
                var value = row[j] - (j == 0 ? 0 : VectorMath.Dot(row[..j], other));
                if (i == j)
                {
                    if (!(value > 0))
                    {
                        return null;
                    }

                    row[i] = Math.Sqrt(value);
                }
                else
                {
                    row[j] = value / l[(j * n) + j];
                }
            }
        }

        return new Cholesky(l, n);
    }

    /// <summary>Solves L v = b in place.</summary>
    public void SolveLower(Span<double> b)
    {
        for (var i = 0; i < _n; i++)
        {
            var row = _factor.AsSpan(i * _n, i + 1);
            b[i] = (b[i] - (i == 0 ? 0 : VectorMath.Dot(row[..i], b[..i]))) / row[i];
        }
    }

    /// <summary>Solves L' v = b in place.</summary>
    public void SolveUpper(Span<double> b)
    {
        for (var i = _n - 1; i >= 0; i--)
        {
            var row = _factor.AsSpan(i * _n, i + 1);
            b[i] /= row[i];
            if (i > 0)
            {
                VectorMath.AddScaled(row[..i], -b[i], b[..i]);
            }
        }
    }

    /// <summary>Solves A v = b in place.</summary>
    public void Solve(Span<double> b)
    {
        SolveLower(b);
        SolveUpper(b);
    }

    /// <summary>The inverse of A, [n, n] by rows.</summary>
    public double[] Inverse()
    {
        // Row i of the lower triangular inverse from the rows before it; then A^-1 = (L^-1)' L^-1, one rank at a time.
        var lower = new double[_n * _n];
        var inverse = new double[_n * _n];
        for (var i = 0; i < _n; i++)
        {
            var row = lower.AsSpan(i * _n, i + 1);
            var factor = _factor.AsSpan(i * _n, i + 1);
            for (var j = 0; j < i; j++)
            {
                VectorMath.AddScaled(lower.AsSpan(j * _n, j + 1), -factor[j], row[..(j + 1)]);
            }

            row[i] = 1;
            for (var j = 0; j <= i; j++)
            {
                row[j] /= factor[i];
            }

            for (var j = 0; j <= i; j++)
            {
                var target = inverse.AsSpan(j * _n, i + 1);
                VectorMath.AddScaled(row, row[j], target);
            }
        }

        return inverse;
    }
}
