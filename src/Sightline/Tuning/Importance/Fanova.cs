namespace Sightline.Tuning;

/// <summary>How much of the objective's variance over the whole space each parameter explains by itself.</summary>
/// <remarks>Hutter et al. 2014, functional ANOVA of a random forest: each tree's cells give its variance, and that of its means along one parameter, exactly.</remarks>
internal static class Fanova
{
    private const int Trees = 64;
    private const int MinLeaf = 2;

    /// <summary>The share of variance per parameter, without interactions, so that the sum is at most about 1. Empty with fewer than five trials.</summary>
    /// <param name="space">The parameters; conditional ones count as in their middle where they are not active.</param>
    /// <param name="trials">Configurations with their losses; not finite ones are left out.</param>
    /// <param name="seed">Of the forest.</param>
    public static IReadOnlyDictionary<string, double> Of(SearchSpace space, IReadOnlyList<(Configuration Configuration, double Loss)> trials, long seed = 0)
    {
        const int enough = 5;
        var parameters = space.Parameters.Where(parameter => parameter.Count != 1).ToArray();
        var known = trials.Where(trial => double.IsFinite(trial.Loss)).ToList();
        if (known.Count < enough || parameters.Length == 0)
        {
            return new Dictionary<string, double>();
        }

        var x = known.Select(trial => parameters.Select(parameter => Unit(parameter, trial.Configuration)).ToArray()).ToArray();
        var y = known.Select(trial => trial.Loss).ToArray();
        var shares = new double[parameters.Length];
        var counted = 0;
        for (var tree = 0; tree < Trees; tree++)
        {
            var random = new RandomStream(Seeds.Mix(seed, tree));
            var rows = Enumerable.Range(0, x.Length).Select(_ => (int)(random.NextDouble() * x.Length)).ToArray();
            var cells = new List<Cell>();
            Grow(x, y, rows, new Cell(new double[parameters.Length], [.. Enumerable.Repeat(1.0, parameters.Length)], 0), cells);
            var mean = cells.Sum(cell => cell.Volume * cell.Value);
            var variance = cells.Sum(cell => cell.Volume * (cell.Value - mean) * (cell.Value - mean));
            if (variance > 0)
            {
                counted++;
                for (var d = 0; d < shares.Length; d++)
                {
                    shares[d] += Marginal(cells, d, mean) / variance;
                }
            }
        }

        return parameters.Select((parameter, d) => (parameter.Name, Share: counted > 0 ? shares[d] / counted : 0)).ToDictionary(StringComparer.Ordinal);
    }

    private static double Unit(Parameter parameter, Configuration configuration)
    {
        if (!configuration.Values.TryGetValue(parameter.Name, out var value) || !parameter.Contains(value))
        {
            return 0.5;
        }

        return NumericParameter.RangeOf(parameter) is { } range ? (range.ToAxis(value.Number) - range.AxisLow) / (range.AxisHigh - range.AxisLow)
            : (parameter.Code(value) + 0.5) / (parameter.Count ?? 1);
    }

    /// <summary>The variance of a tree's mean along one parameter.</summary>
    private static double Marginal(List<Cell> cells, int dimension, double mean)
    {
        var edges = cells.SelectMany(cell => new[] { cell.Low[dimension], cell.High[dimension] }).Distinct().Order().ToArray();
        var variance = 0.0;
        for (var i = 0; i + 1 < edges.Length; i++)
        {
            var (low, high) = (edges[i], edges[i + 1]);
            var along = cells.Where(cell => cell.Low[dimension] <= low && cell.High[dimension] >= high)
                .Sum(cell => cell.Value * cell.Volume / (cell.High[dimension] - cell.Low[dimension]));
            variance += (high - low) * (along - mean) * (along - mean);
        }

        return variance;
    }

    private static void Grow(double[][] x, double[] y, int[] rows, Cell cell, List<Cell> cells)
    {
        if (rows.Length < 2 * MinLeaf || Best(x, y, rows) is not { } split)
        {
            cells.Add(cell with { Value = rows.Average(row => y[row]) });
            return;
        }

        var (d, at) = split;
        double[] middleHigh = [.. cell.High], middleLow = [.. cell.Low];
        (middleHigh[d], middleLow[d]) = (at, at);
        Grow(x, y, [.. rows.Where(row => x[row][d] <= at)], cell with { High = middleHigh }, cells);
        Grow(x, y, [.. rows.Where(row => x[row][d] > at)], cell with { Low = middleLow }, cells);
    }

    /// <summary>The split that leaves the least squared error; null where all values or all places are equal.</summary>
    private static (int Dimension, double At)? Best(double[][] x, double[] y, int[] rows)
    {
        (int, double)? best = null;
        var mean = rows.Average(row => y[row]);
        var gain = 1e-12 * rows.Sum(row => (y[row] - mean) * (y[row] - mean));
        for (var d = 0; d < x[rows[0]].Length; d++)
        {
            var sorted = rows.OrderBy(row => x[row][d]).ToArray();
            var left = 0.0;
            for (var i = 1; i < sorted.Length; i++)
            {
                left += y[sorted[i - 1]] - mean;
                if (i < MinLeaf || sorted.Length - i < MinLeaf || x[sorted[i - 1]][d] == x[sorted[i]][d])
                {
                    continue;
                }

                var gained = (left * left / i) + (left * left / (sorted.Length - i));
                if (gained > gain)
                {
                    (gain, best) = (gained, (d, (x[sorted[i - 1]][d] + x[sorted[i]][d]) / 2));
                }
            }
        }

        return best;
    }

    private sealed record Cell(double[] Low, double[] High, double Value)
    {
        public double Volume => Low.Zip(High, (low, high) => high - low).Aggregate(1.0, (all, side) => all * side);
    }
}
