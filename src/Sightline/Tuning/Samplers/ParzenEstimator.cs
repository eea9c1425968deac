using Sightline.Numerics;

namespace Sightline.Tuning;

/// <summary>A mixture of one kernel per observation and a wide prior kernel, over several parameters at once.</summary>
/// <remarks>As in Optuna 5 (optuna/samplers/_tpe/parzen_estimator.py, MIT): bandwidth from the neighbours in each dimension, in the joint model too;
/// Watanabe 2023, "Tree-structured Parzen estimator: understanding its algorithm components".</remarks>
internal sealed class ParzenEstimator
{
    private readonly double[] _weights;
    private readonly double[] _logWeights;
    private readonly Dimension[] _dimensions;

    /// <summary>Fits the mixture.</summary>
    /// <param name="parameters">The dimensions.</param>
    /// <param name="observations">One code per dimension (<see cref="Parameter.Code"/>), in the order of the trials.</param>
    /// <param name="equalWeights">Whether old observations count as much as new ones.</param>
    public ParzenEstimator(IReadOnlyList<Parameter> parameters, IReadOnlyList<double[]> observations, bool equalWeights = false)
    {
        _weights = Weights(observations.Count, equalWeights);
        _logWeights = [.. _weights.Select(value => Math.Log(value))];
        _dimensions = [.. parameters.Select((parameter, i) => Dimension.Fit(parameter, [.. observations.Select(row => row[i])]))];
    }

    /// <summary>The bandwidths of a numeric dimension, the prior's last.</summary>
    internal IReadOnlyList<double> Deviations(int dimension) => _dimensions[dimension].Deviations;

    /// <summary>The kernels' weights, the prior's last; they sum to 1.</summary>
    internal IReadOnlyList<double> KernelWeights => _weights;

    /// <summary>The probabilities of a categorical dimension's choices in one kernel.</summary>
    internal IReadOnlyList<double> ChoiceProbabilities(int dimension, int kernel) => _dimensions[dimension].Choices[kernel];

    /// <summary>Draws one point: a kernel by weight, then every dimension from that kernel.</summary>
    public double[] Draw(ref RandomStream random)
    {
        var kernel = Pick(_weights, random.NextDouble());
        var point = new double[_dimensions.Length];
        for (var i = 0; i < point.Length; i++)
        {
            point[i] = _dimensions[i].Draw(kernel, random.NextDouble());
        }

        return point;
    }

    /// <summary>The logarithm of the density (probability, where a dimension is discrete) at a point.</summary>
    public double LogDensity(double[] point)
    {
        var logs = (double[])_logWeights.Clone();
        for (var i = 0; i < point.Length; i++)
        {
            _dimensions[i].AddLogDensities(point[i], logs);
        }

        var max = logs.Max();
        if (double.IsNegativeInfinity(max))
        {
            return max;
        }

        var sum = 0.0;
        foreach (var log in logs)
        {
            sum += Math.Exp(log - max);
        }

        return max + Math.Log(sum);
    }

    private static double[] Weights(int n, bool equal)
    {
        // The newest 25 count fully, older ones less and less; the prior counts as one observation.
        const int full = 25;
        var weights = new double[n + 1];
        for (var i = 0; i < n; i++)
        {
            var old = n - full;
            weights[i] = equal || i >= old ? 1 : old == 1 ? 1.0 / n : (1.0 / n) + (i * (1 - (1.0 / n)) / (old - 1));
        }

        weights[n] = 1;
        var sum = weights.Sum();
        return [.. weights.Select(weight => weight / sum)];
    }

    internal static int Pick(IReadOnlyList<double> weights, double share)
    {
        for (var i = 0; i < weights.Count - 1; i++)
        {
            share -= weights[i];
            if (share < 0)
            {
                return i;
            }
        }

        return weights.Count - 1;
    }

    /// <summary>One dimension of all kernels: cut normals, or probabilities of choices.</summary>
    private sealed class Dimension
    {
        private NumericRange? _range;
        private double _low;
        private double _high;
        private double[] _means = [];
        private double[] _constants = [];
        private double[] _logDeviations = [];

        public double[] Deviations { get; private set; } = [];

        public double[][] Choices { get; private set; } = [];

        private double[][] LogChoices { get; set; } = [];

        public static Dimension Fit(Parameter parameter, double[] codes) => NumericParameter.RangeOf(parameter) is { } range
            ? FitNumbers(range, codes) : FitChoices((int)(parameter.Count ?? 1), codes);

        public double Draw(int kernel, double share) => _range is { } range
            ? range.FromAxis(TruncatedNormal.Quantile(share, _means[kernel], Deviations[kernel], _low, _high))
            : Pick(Choices[kernel], share);

        public void AddLogDensities(double code, double[] logs)
        {
            if (_range is not { } range)
            {
                for (var k = 0; k < logs.Length; k++)
                {
                    logs[k] += LogChoices[k][(int)code];
                }

                return;
            }

            if (range.Step is { } step)
            {
                var below = range.ToAxis(code - (step / 2));
                var above = range.ToAxis(code + (step / 2));
                for (var k = 0; k < logs.Length; k++)
                {
                    logs[k] += NormalDistribution.LogMass((below - _means[k]) / Deviations[k], (above - _means[k]) / Deviations[k]) - _constants[k];
                }

                return;
            }

            var place = range.ToAxis(code);
            for (var k = 0; k < logs.Length; k++)
            {
                logs[k] += NormalDistribution.LogDensity((place - _means[k]) / Deviations[k]) - _logDeviations[k] - _constants[k];
            }
        }

        private static Dimension FitNumbers(NumericRange range, double[] codes)
        {
            var (low, high) = (range.AxisLow, range.AxisHigh);
            var places = codes.Select(range.ToAxis).ToArray();
            double[] means = [.. places, (low + high) / 2];
            var deviations = Bandwidths(places, low, high);
            return new Dimension
            {
                _logDeviations = [.. deviations.Select(value => Math.Log(value))],
                _range = range, _low = low, _high = high, _means = means, Deviations = deviations,
                _constants = [.. means.Select((mean, k) => NormalDistribution.LogMass((low - mean) / deviations[k], (high - mean) / deviations[k]))],
            };
        }

        private static double[] Bandwidths(double[] places, double low, double high)
        {
            var n = places.Length;
            var order = Order(places);
            var range = high - low;
            var smallest = range / Math.Min(100.0, 1.0 + (n + 1));
            var deviations = new double[n + 1];
            for (var rank = 0; rank < n; rank++)
            {
                var left = places[order[rank]] - (rank > 0 ? places[order[rank - 1]] : low);
                var right = (rank < n - 1 ? places[order[rank + 1]] : high) - places[order[rank]];
                var gap = n >= 2 && rank == 0 ? right : n >= 2 && rank == n - 1 ? left : Math.Max(left, right);
                deviations[order[rank]] = Math.Clamp(gap, smallest, range);
            }

            deviations[n] = range;
            return deviations;
        }

        // Stable: of equal places the older comes first.
        private static int[] Order(double[] places)
        {
            var keys = (double[])places.Clone();
            int[] order = [.. Enumerable.Range(0, places.Length)];
            Array.Sort(keys, order);
            for (var (first, i) = (0, 1); i <= keys.Length; i++)
            {
                if (i == keys.Length || keys[i] != keys[first])
                {
                    Array.Sort(order, first, i - first);
                    first = i;
                }
            }

            return order;
        }

        private static Dimension FitChoices(int count, double[] codes)
        {
            var kernels = codes.Length + 1;
            var choices = new double[kernels][];
            for (var k = 0; k < kernels; k++)
            {
                var counts = new double[count];
                Array.Fill(counts, 1.0 / kernels);
                if (k < codes.Length)
                {
                    counts[(int)codes[k]] += 1;
                }

                var sum = counts.Sum();
                choices[k] = [.. counts.Select(value => value / sum)];
            }

            return new Dimension { Choices = choices, LogChoices = [.. choices.Select(row => row.Select(value => Math.Log(value)).ToArray())] };
        }
    }
}
