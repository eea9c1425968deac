namespace Sightline.Search;

/// <summary>What finished trials teach about the memory plan: by how much it was off. Safe for use by many threads.</summary>
internal sealed class MemoryCorrection
{
    // Below five, a percentile is the largest or nothing; until then only trials that ran out of memory count.
    private const int Enough = 5;
    private const double Percentile = 0.95;

    private readonly Lock _lock = new();
    private readonly List<double> _ratios = [];
    private double _outOfMemory = 1;

    /// <summary>By what a plan is multiplied: the 95th percentile of observed over planned peaks.</summary>
    public double Factor
    {
        get
        {
            lock (_lock)
            {
                if (_ratios.Count < Enough)
                {
                    return _outOfMemory;
                }

                var sorted = _ratios.Order().ToList();
                return Math.Max(sorted[Math.Min(sorted.Count - 1, (int)Math.Ceiling(Percentile * sorted.Count) - 1)], _outOfMemory);
            }
        }
    }

    /// <summary>Adds the peak of a trial that ran.</summary>
    public void Observe(long plannedBytes, long observedBytes)
    {
        lock (_lock)
        {
            if (plannedBytes > 0 && observedBytes > 0)
            {
                _ratios.Add((double)observedBytes / plannedBytes);
            }
        }
    }

    /// <summary>Adds a trial that ran out of memory although its plan fitted: it needed more than there was.</summary>
    public void ObserveOutOfMemory(long plannedBytes, long limitBytes)
    {
        lock (_lock)
        {
            // A hundredth beyond, so that the same plan no longer fits.
            _outOfMemory = Math.Max(_outOfMemory, plannedBytes > 0 ? 1.01 * limitBytes / plannedBytes : 1);
        }
    }
}
