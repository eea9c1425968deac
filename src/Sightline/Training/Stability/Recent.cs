namespace Sightline.Training.Stability;

/// <summary>The last values of a figure, and what is usual among them.</summary>
internal sealed class Recent
{
    /// <summary>Values kept. Enough for a steady median, few enough to follow a falling loss.</summary>
    public const int Length = 64;

    // Fewer say nothing about what is usual.
    private const int Enough = 16;

    // From the median of absolute deviations to the standard deviation of a normal distribution: 1 / 0.6745.
    private const double Normal = 1.4826;

    private readonly Queue<double> _values;

    /// <param name="values">Kept values, oldest first.</param>
    /// <param name="first">See <see cref="First"/>.</param>
    public Recent(IReadOnlyList<double> values, double? first)
    {
        _values = new Queue<double>(values);
        First = first;
    }

    /// <summary>Oldest first.</summary>
    public IReadOnlyList<double> Values => [.. _values];

    /// <summary>The median of the first values of the run; null until there are enough.</summary>
    public double? First { get; private set; }

    /// <summary>Whether there are enough values to judge by.</summary>
    public bool IsEnough => _values.Count >= Enough;

    public void Add(double value)
    {
        if (_values.Count == Length)
        {
            _values.Dequeue();
        }

        _values.Enqueue(value);
        if (First is null && IsEnough)
        {
            First = Median(_values);
        }
    }

    /// <summary>The median, and the standard deviation as the median absolute deviation gives it, which outliers do not move.</summary>
    public (double Median, double Deviation) Usual()
    {
        var median = Median(_values);
        return (median, Normal * Median(_values.Select(value => Math.Abs(value - median))));
    }

    private static double Median(IEnumerable<double> values)
    {
        var sorted = values.Order().ToArray();
        return (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2;
    }
}
