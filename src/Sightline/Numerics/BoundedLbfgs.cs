namespace Sightline.Numerics;

/// <summary>Minimises a smooth function inside a box, by limited-memory BFGS with projection.</summary>
/// <remarks>Two-loop recursion of Nocedal 1980 on the variables that are not held at a bound; steps are halved along the projected path until they
/// descend (Bertsekas 1982). Simpler than L-BFGS-B's Cauchy point, and enough for boxes in which few bounds are active.</remarks>
internal static class BoundedLbfgs
{
    private const int Memory = 10;

    /// <summary>The function: writes its gradient and gives its value; infinity where it has none.</summary>
    public delegate double Function(ReadOnlySpan<double> x, Span<double> gradient);

    /// <summary>Moves <paramref name="x"/> to a minimum near it and gives the value there.</summary>
    /// <param name="function">Smooth where it is finite.</param>
    /// <param name="x">The start, and afterwards the result.</param>
    /// <param name="low">Lower bounds.</param>
    /// <param name="high">Upper bounds.</param>
    /// <param name="tolerance">The largest entry of the projected gradient at which to stop.</param>
    /// <param name="iterations">At most so many.</param>
    public static double Minimize(Function function, double[] x, double[] low, double[] high, double tolerance, int iterations)
    {
        var n = x.Length;
        Project(x, low, high);
        var gradient = new double[n];
        var value = function(x, gradient);
        var history = new List<(double[] S, double[] Y, double Rho)>();
        for (var iteration = 0; iteration < iterations; iteration++)
        {
            var held = new bool[n];
            var largest = 0.0;
            for (var i = 0; i < n; i++)
            {
                held[i] = (x[i] <= low[i] && gradient[i] > 0) || (x[i] >= high[i] && gradient[i] < 0);
                largest = held[i] ? largest : Math.Max(largest, Math.Abs(gradient[i]));
            }

            if (!(largest > tolerance))
            {
                break;
            }

            var direction = Direction(gradient, held, history);
            if (!(VectorMath.Dot(direction, gradient) < 0))
            {
                history.Clear();
                direction = Direction(gradient, held, history);
            }

            var step = history.Count > 0 ? 1 : Math.Min(1, 1 / gradient.Where((_, i) => !held[i]).Sum(Math.Abs));
            if (Search(function, x, value, gradient, direction, step, low, high) is not { } next)
            {
                if (history.Count == 0)
                {
                    break;
                }

                history.Clear();
                continue;
            }

            var s = new double[n];
            var y = new double[n];
            for (var i = 0; i < n; i++)
            {
                s[i] = next.X[i] - x[i];
                y[i] = next.Gradient[i] - gradient[i];
            }

            var curvature = VectorMath.Dot(s, y);
            if (curvature > 1e-10 * VectorMath.Dot(y, y))
            {
                history.Add((s, y, 1 / curvature));
                if (history.Count > Memory)
                {
                    history.RemoveAt(0);
                }
            }

            next.X.CopyTo(x, 0);
            gradient = next.Gradient;
            value = next.Value;
        }

        return value;
    }

    private static double[] Direction(double[] gradient, bool[] held, List<(double[] S, double[] Y, double Rho)> history)
    {
        var q = gradient.Select((value, i) => held[i] ? 0 : value).ToArray();
        var alphas = new double[history.Count];
        for (var k = history.Count - 1; k >= 0; k--)
        {
            alphas[k] = history[k].Rho * VectorMath.Dot(history[k].S, q);
            VectorMath.AddScaled(history[k].Y, -alphas[k], q);
        }

        if (history.Count > 0)
        {
            var (_, y, rho) = history[^1];
            var scale = 1 / (rho * VectorMath.Dot(y, y));
            for (var i = 0; i < q.Length; i++)
            {
                q[i] *= scale;
            }
        }

        for (var k = 0; k < history.Count; k++)
        {
            var beta = history[k].Rho * VectorMath.Dot(history[k].Y, q);
            VectorMath.AddScaled(history[k].S, alphas[k] - beta, q);
        }

        return [.. q.Select((value, i) => held[i] ? 0 : -value)];
    }

    private static (double[] X, double Value, double[] Gradient)? Search(
        Function function, double[] x, double value, double[] gradient, double[] direction, double step, double[] low, double[] high)
    {
        const int halvings = 25;
        for (var i = 0; i < halvings; i++)
        {
            var point = new double[x.Length];
            for (var k = 0; k < x.Length; k++)
            {
                point[k] = Math.Clamp(x[k] + (step * direction[k]), low[k], high[k]);
            }

            var slope = 0.0;
            for (var k = 0; k < x.Length; k++)
            {
                slope += gradient[k] * (point[k] - x[k]);
            }

            var next = new double[x.Length];
            var reached = function(point, next);
            if (slope < 0 && reached <= value + (1e-4 * slope))
            {
                return (point, reached, next);
            }

            step /= 2;
        }

        return null;
    }

    private static void Project(double[] x, double[] low, double[] high)
    {
        for (var i = 0; i < x.Length; i++)
        {
            x[i] = Math.Clamp(x[i], low[i], high[i]);
        }
    }
}
