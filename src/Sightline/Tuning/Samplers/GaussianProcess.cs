using Sightline.Numerics;

namespace Sightline.Tuning;

/// <summary>Regression by a Gaussian process with a Matern-5/2 kernel, one length scale per dimension, in double precision.</summary>
/// <remarks>
/// Rasmussen and Williams 2006, chapters 2, 4 and 5. Priors and bounds of the hyperparameters are those of Optuna 5 (optuna/_gp, MIT). Categorical
/// dimensions differ by 0 or 1 (Hamming).
/// </remarks>
internal sealed class GaussianProcess
{
    private const double NoiseFloor = 1e-6;
    private static readonly double _rootFive = Math.Sqrt(5);

    private readonly double[][] _x;
    private readonly bool[] _categorical;
    private readonly double[] _inverseSquaredLengths;
    private readonly double _scale;
    private readonly double[] _alpha;
    private readonly double[] _inverse;
    private readonly Cholesky _factor;

    private GaussianProcess(double[][] x, double[] y, bool[] categorical, double[] inverseSquaredLengths, double scale, double noise)
    {
        (_x, _categorical, _inverseSquaredLengths, _scale, Noise) = (x, categorical, inverseSquaredLengths, scale, noise);
        var n = x.Length;
        var kernel = new double[n * n];
        for (var i = 0; i < n; i++)
        {
            for (var j = 0; j < i; j++)
            {
                kernel[(i * n) + j] = scale * Matern(SquaredDistance(x[i], x[j]));
            }

            kernel[(i * n) + i] = scale + noise;
        }

        _factor = FactorWithJitter(kernel, n);
        _alpha = (double[])y.Clone();
        _factor.Solve(_alpha);
        _inverse = _factor.Inverse();
    }

    /// <summary>The variance of the noise, in units of the values' variance.</summary>
    public double Noise { get; }

    /// <summary>One over the squared length scales.</summary>
    public IReadOnlyList<double> InverseSquaredLengths => _inverseSquaredLengths;

    /// <summary>The kernel's variance.</summary>
    public double Scale => _scale;

    /// <summary>A process with given hyperparameters.</summary>
    public static GaussianProcess With(double[][] x, double[] y, bool[] categorical, double[] inverseSquaredLengths, double scale, double noise) =>
        new(x, y, categorical, inverseSquaredLengths, scale, noise);

    /// <summary>A process whose hyperparameters are the most probable ones.</summary>
    /// <param name="x">[n, d] in [0, 1]; places of choices in categorical dimensions.</param>
    /// <param name="y">[n], mean 0 and deviation 1.</param>
    /// <param name="categorical">[d]</param>
    public static GaussianProcess Fit(double[][] x, double[] y, bool[] categorical)
    {
        var d = categorical.Length;
        var evidence = new GpEvidence(x, y, categorical, NoiseFloor);
        var start = new double[d + 2];
        start[d + 1] = Math.Log(1 - 0.99e-6);
        var parameters = (double[])start.Clone();
        var low = Enumerable.Repeat(-20.0, d + 2).ToArray();
        var high = Enumerable.Repeat(20.0, d + 2).ToArray();
        var loss = BoundedLbfgs.Minimize(evidence.Loss, parameters, low, high, tolerance: 1e-2, iterations: 200);
        parameters = double.IsFinite(loss) ? parameters : start;
        return new GaussianProcess(x, y, categorical, [.. parameters[..d].Select(Math.Exp)], Math.Exp(parameters[d]),
            Math.Exp(parameters[d + 1]) + NoiseFloor);
    }

    /// <summary>The same process with more points, taken to have the values that it expects there.</summary>
    public GaussianProcess Believe(IReadOnlyList<double[]> points, double[] y) => points.Count == 0 ? this
        : new([.. _x, .. points], [.. y, .. points.Select(point => Predict(point).Mean)], _categorical, _inverseSquaredLengths, _scale, Noise);

    /// <summary>Mean and variance, without noise, at a point.</summary>
    public (double Mean, double Variance) Predict(double[] point)
    {
        var k = new double[_x.Length];
        for (var i = 0; i < k.Length; i++)
        {
            k[i] = _scale * Matern(SquaredDistance(point, _x[i]));
        }

        var mean = VectorMath.Dot(k, _alpha);
        _factor.SolveLower(k);
        return (mean, Math.Max(0, _scale - VectorMath.Dot(k, k)));
    }

    /// <summary>As <see cref="Predict(double[])"/>, with the gradients of both in the numeric dimensions.</summary>
    public (double Mean, double Variance) Predict(double[] point, double[] meanGradient, double[] varianceGradient)
    {
        var n = _x.Length;
        var k = new double[n];
        var slopes = new double[n];
        for (var i = 0; i < n; i++)
        {
            var squared = SquaredDistance(point, _x[i]);
            k[i] = _scale * Matern(squared);
            slopes[i] = _scale * MaternSlope(squared);
        }

        var solved = new double[n];
        for (var i = 0; i < n; i++)
        {
            solved[i] = VectorMath.Dot(_inverse.AsSpan(i * n, n), k);
        }

        for (var d = 0; d < point.Length; d++)
        {
            double mean = 0, variance = 0;
            if (!_categorical[d])
            {
                for (var i = 0; i < n; i++)
                {
                    var change = slopes[i] * 2 * _inverseSquaredLengths[d] * (point[d] - _x[i][d]);
                    mean += change * _alpha[i];
                    variance -= 2 * change * solved[i];
                }
            }

            (meanGradient[d], varianceGradient[d]) = (mean, variance);
        }

        return (VectorMath.Dot(k, _alpha), Math.Max(0, _scale - VectorMath.Dot(k, solved)));
    }

    /// <summary>The kernel at a squared distance, with variance 1.</summary>
    internal static double Matern(double squared)
    {
        var s = _rootFive * Math.Sqrt(squared);
        return Math.Exp(-s) * ((5.0 / 3 * squared) + s + 1);
    }

    /// <summary>The kernel's derivative with respect to the squared distance; finite at 0.</summary>
    internal static double MaternSlope(double squared)
    {
        var s = _rootFive * Math.Sqrt(squared);
        return -5.0 / 6 * (1 + s) * Math.Exp(-s);
    }

    /// <summary>Factors a kernel matrix, with as much added to the diagonal as it takes.</summary>
    internal static Cholesky FactorWithJitter(double[] kernel, int n)
    {
        for (var jitter = 0.0; ; jitter = jitter == 0 ? 1e-8 : jitter * 10)
        {
            for (var i = 0; i < n && jitter > 0; i++)
            {
                kernel[(i * n) + i] += jitter;
            }

            if (Cholesky.Factor(kernel, n) is { } factor)
            {
                return factor;
            }

            if (jitter > 1e6)
            {
                throw new ArithmeticException("The kernel matrix holds values that are not finite.");
            }
        }
    }

    private double SquaredDistance(double[] a, double[] b)
    {
        var sum = 0.0;
        for (var d = 0; d < a.Length; d++)
        {
            var difference = _categorical[d] ? a[d] == b[d] ? 0 : 1 : a[d] - b[d];
            sum += _inverseSquaredLengths[d] * difference * difference;
        }

        return sum;
    }
}
