using Sightline.Numerics;

namespace Sightline.Tuning;

/// <summary>Finds the points of a space with the largest acquisition.</summary>
/// <param name="penalty">Taken off the acquisition of a configuration; null for nothing. In numbers without a step it should not vary: their gradients leave it out.</param>
internal sealed class AcquisitionSearch(SearchSpace space, GpEncoding encoding, Acquisition acquisition, Func<Configuration, double>? penalty = null)
{
    private const int Candidates = 2048;
    private const int Starts = 10;
    private const int Sweeps = 100;
    private const int LargestExhaustive = 16;

    private readonly bool[] _categorical = encoding.Categorical;

    /// <summary>Points with their acquisition, the best first.</summary>
    /// <param name="incumbents">Points to start from besides the best of 2048 Sobol points.</param>
    /// <param name="seed">Of the points.</param>
    public IEnumerable<double[]> Best(IEnumerable<double[]> incumbents, ulong seed)
    {
        var random = new RandomStream(seed);
        var scored = Spread((long)seed, ref random).Select(point => (Point: point, Score: Score(point)))
            .OrderByDescending(entry => entry.Score).ToList();
        var starts = new List<double[]> { scored[0].Point };
        starts.AddRange(incumbents);
        // Further starts by roulette: a better candidate is likelier, an equal one is not always the same.
        var weights = scored.Select(entry => Math.Exp(entry.Score - scored[0].Score)).ToArray();
        while (starts.Count < Math.Min(Starts, scored.Count))
        {
            var pick = ParzenEstimator.Pick(weights, random.NextDouble() * weights.Sum());
            starts.Add(scored[pick].Point);
            weights[pick] = 0;
        }

        scored.AddRange(starts.Select(Climb).ToList());
        return scored.OrderByDescending(entry => entry.Score).Select(entry => entry.Point);
    }

    private double Score(double[] point) => acquisition.Value(point) - (penalty?.Invoke(encoding.Configuration(point)) ?? 0);

    private List<double[]> Spread(long seed, ref RandomStream random)
    {
        var dimensions = encoding.Parameters.Count;
        var sobol = dimensions <= SobolSequence.MaxDimensions ? new SobolSequence(dimensions, seed) : null;
        var points = new List<double[]>(Candidates);
        for (var i = 0; i < Candidates; i++)
        {
            var point = new double[dimensions];
            sobol?.Point(i, point);
            for (var d = 0; d < dimensions; d++)
            {
                point[d] = sobol is null ? random.NextDouble() : point[d];
                point[d] = _categorical[d] ? Math.Floor(point[d] * (encoding.Parameters[d].Count ?? 1)) : point[d];
            }

            points.Add(Canonical(point));
        }

        return points;
    }

    /// <summary>Improves numbers without a step by gradients and all else by trying values, in turn, until nothing changes.</summary>
    private (double[] Point, double Score) Climb(double[] start)
    {
        var point = Canonical(start);
        var score = Score(point);
        for (var sweep = 0; sweep < Sweeps; sweep++)
        {
            var before = score;
            (point, score) = ClimbContinuous(point, score);
            var active = space.IsConditional ? encoding.Configuration(point) : null;
            for (var d = 0; d < point.Length; d++)
            {
                if (encoding.Parameters[d].Count is { } count && active?.Has(encoding.Parameters[d].Name) != false)
                {
                    (point, score) = ClimbDiscrete(point, score, d, count);
                }
            }

            if (!(score > before + 1e-9))
            {
                break;
            }
        }

        return (point, score);
    }

    private (double[] Point, double Score) ClimbContinuous(double[] point, double score)
    {
        var active = space.IsConditional ? encoding.Configuration(point) : null;
        var free = Enumerable.Range(0, point.Length)
            .Where(d => encoding.Parameters[d].Count is null && active?.Has(encoding.Parameters[d].Name) != false).ToArray();
        if (free.Length == 0)
        {
            return (point, score);
        }

        // In units of the length scales, so that one step fits all dimensions.
        var units = free.Select(d => Math.Sqrt(acquisition.InverseSquaredLengths[d])).ToArray();
        var place = free.Select((d, i) => point[d] * units[i]).ToArray();
        var full = (double[])point.Clone();
        var gradient = new double[point.Length];
        double Loss(ReadOnlySpan<double> x, Span<double> slope)
        {
            for (var i = 0; i < free.Length; i++)
            {
                full[free[i]] = Math.Clamp(x[i] / units[i], 0, 1);
            }

            var value = acquisition.Value(full, gradient);
            for (var i = 0; i < free.Length; i++)
            {
                slope[i] = -gradient[free[i]] / units[i];
            }

            return double.IsNaN(value) ? double.PositiveInfinity : -value;
        }

        BoundedLbfgs.Minimize(Loss, place, new double[free.Length], units, tolerance: 1e-2, iterations: 200);
        var result = (double[])point.Clone();
        for (var i = 0; i < free.Length; i++)
        {
            result[free[i]] = Math.Clamp(place[i] / units[i], 0, 1);
        }

        var reached = Score(result);
        return reached > score ? (result, reached) : (point, score);
    }

    private (double[] Point, double Score) ClimbDiscrete(double[] point, double score, int dimension, long count)
    {
        (double[] Point, double Score) best = (point, score);
        void Try(double place)
        {
            var changed = (double[])best.Point.Clone();
            changed[dimension] = place;
            changed = Canonical(changed);
            var value = Score(changed);
            if (value > best.Score)
            {
                best = (changed, value);
            }
        }

        if (_categorical[dimension] || count <= LargestExhaustive)
        {
            for (var i = 0; i < count; i++)
            {
                Try(_categorical[dimension] ? i : (i + 0.5) / count);
            }

            return best;
        }

        // Many ordered values: coarse places, then ever nearer neighbours of the best.
        for (var i = 0; i < LargestExhaustive; i++)
        {
            Try((i + 0.5) / LargestExhaustive);
        }

        for (var step = 0.5 / LargestExhaustive; step >= 0.5 / count; step /= 2)
        {
            Try(Math.Max(0, best.Point[dimension] - step));
            Try(Math.Min(1, best.Point[dimension] + step));
        }

        return best;
    }

    /// <summary>The point of the configuration nearest to a point: stepped numbers on their step, inactive dimensions at their default.</summary>
    private double[] Canonical(double[] point)
    {
        if (space.IsConditional)
        {
            return encoding.Point(encoding.Configuration(point)) ?? point;
        }

        var result = (double[])point.Clone();
        for (var d = 0; d < result.Length; d++)
        {
            if (NumericParameter.RangeOf(encoding.Parameters[d]) is { Step: not null } range)
            {
                var width = range.AxisHigh - range.AxisLow;
                result[d] = (range.ToAxis(range.FromAxis(range.AxisLow + (result[d] * width))) - range.AxisLow) / width;
            }
        }

        return result;
    }
}
