using Sightline.Numerics;

namespace Sightline.Tuning;

/// <summary>How improbable hyperparameters are, given the values: the negative logarithm of marginal likelihood times prior, and its gradient.</summary>
/// <remarks>Rasmussen and Williams 2006, equations 2.30 and 5.9; the priors are those of Optuna 5 (optuna/_gp/prior.py, MIT).</remarks>
internal sealed class GpEvidence
{
    private readonly double[] _y;
    private readonly double _noiseFloor;
    private readonly double[][] _squares;
    private readonly int _dimensions;

    public GpEvidence(double[][] x, double[] y, bool[] categorical, double noiseFloor)
    {
        (_y, _noiseFloor, _dimensions) = (y, noiseFloor, categorical.Length);
        var n = x.Length;
        _squares = new double[_dimensions][];
        for (var d = 0; d < _dimensions; d++)
        {
            _squares[d] = new double[n * n];
            for (var i = 0; i < n; i++)
            {
                for (var j = 0; j < i; j++)
                {
                    var difference = categorical[d] ? x[i][d] == x[j][d] ? 0 : 1 : x[i][d] - x[j][d];
                    _squares[d][(i * n) + j] = difference * difference;
                }
            }
        }
    }

    /// <summary>The loss at logarithms of: one over each squared length scale, the kernel's variance, the noise above its floor.</summary>
    public double Loss(ReadOnlySpan<double> parameters, Span<double> gradient)
    {
        var n = _y.Length;
        var lengths = new double[_dimensions];
        for (var d = 0; d < _dimensions; d++)
        {
            lengths[d] = Math.Exp(parameters[d]);
        }

        var scale = Math.Exp(parameters[_dimensions]);
        var noise = Math.Exp(parameters[_dimensions + 1]) + _noiseFloor;

        var unit = new double[n * n];
        var slope = new double[n * n];
        var kernel = new double[n * n];
        for (var i = 0; i < n; i++)
        {
            for (var j = 0; j < i; j++)
            {
                var at = (i * n) + j;
                var squared = 0.0;
                for (var d = 0; d < _dimensions; d++)
                {
                    squared += lengths[d] * _squares[d][at];
                }

                unit[at] = GaussianProcess.Matern(squared);
                slope[at] = GaussianProcess.MaternSlope(squared);
                kernel[at] = scale * unit[at];
            }

            unit[(i * n) + i] = 1;
            kernel[(i * n) + i] = scale + noise;
        }

        if (Cholesky.Factor(kernel, n) is not { } factor)
        {
            return double.PositiveInfinity;
        }

        var alpha = (double[])_y.Clone();
        factor.Solve(alpha);
        var inverse = factor.Inverse();
        var loss = 0.5 * (VectorMath.Dot(_y, alpha) + factor.LogDeterminant + (n * Math.Log(2 * Math.PI)));

        // Half the trace of (K^-1 - alpha alpha') dK; pairs below the diagonal count twice.
        gradient.Clear();
        double trace = 0, scaled = 0;
        for (var i = 0; i < n; i++)
        {
            for (var j = 0; j < i; j++)
            {
                var at = (i * n) + j;
                var pull = inverse[at] - (alpha[i] * alpha[j]);
                scaled += 2 * pull * unit[at];
                var change = pull * scale * slope[at];
                for (var d = 0; d < _dimensions; d++)
                {
                    gradient[d] += change * lengths[d] * _squares[d][at];
                }
            }

            trace += inverse[(i * n) + i] - (alpha[i] * alpha[i]);
        }

        gradient[_dimensions] = 0.5 * scale * (scaled + trace);
        gradient[_dimensions + 1] = 0.5 * (noise - _noiseFloor) * trace;
        return loss + Prior(lengths, scale, noise, gradient);
    }

    private double Prior(double[] lengths, double scale, double noise, Span<double> gradient)
    {
        var loss = 0.0;
        for (var d = 0; d < lengths.Length; d++)
        {
            loss += (0.1 / lengths[d]) + (0.1 * lengths[d]);
            gradient[d] += (-0.1 / lengths[d]) + (0.1 * lengths[d]);
        }

        // Gamma(2, rate 1) on the variance and Gamma(1.1, rate 30) on the noise, without their constants.
        loss += scale - Math.Log(scale) + (30 * noise) - (0.1 * Math.Log(noise));
        gradient[lengths.Length] += scale - 1;
        gradient[lengths.Length + 1] += (noise - _noiseFloor) * (30 - (0.1 / noise));
        return loss;
    }
}
