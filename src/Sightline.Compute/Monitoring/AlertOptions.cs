namespace Sightline.Compute.Monitoring;

/// <summary>From when on the watch over a run speaks: of an idle, starved, wasteful or hot GPU, of a stalled run, of money. It never ends a run.</summary>
/// <remarks>Sources: cluster operators warn after 15 idle minutes and cancel at 60; SkyPilot stops after 5.</remarks>
public sealed record AlertOptions
{
    private const double MostMinutes = 240;

    /// <summary>Idle: a GPU busy below this share of the time, in kernels and in its memory controller, does nothing; percent, above 0, at most 100.</summary>
    public double IdlePercent { get; init; } = 5;

    /// <summary>Idle: minutes until a warning; above 0, at most 240. Default 10.</summary>
    public double IdleWarnMinutes { get; init; } = 10;

    /// <summary>Idle: minutes until a rented machine should end; from the warning on, at most 240. Default 20. The lease's own rule is <c>--idle</c> of 'gpu lease'.</summary>
    public double IdleEndMinutes { get; init; } = 20;

    /// <summary>Stalled: minutes without a step; above 0, at most 240. Default 5.</summary>
    public double StalledMinutes { get; init; } = 5;

    /// <summary>Stalled: times a usual step, where that is longer; 1 to 1,000. Default 10.</summary>
    public double StalledSteps { get; init; } = 10;

    /// <summary>Starved: a GPU busy below this share of the time waits; percent, above 0, at most 100. Default 50.</summary>
    public double StarvedPercent { get; init; } = 50;

    /// <summary>Starved: share of the time spent waiting for pictures, above it; 0 to 1. Default 0.2.</summary>
    public double StarvedWaitShare { get; init; } = 0.2;

    /// <summary>Starved and waste: minutes that are looked at; above 0, at most 240. Default 5.</summary>
    public double AdviceMinutes { get; init; } = 5;

    /// <summary>Waste: share of the GPU's memory in use at most, below it; percent, 0 to 100. Default 40.</summary>
    public double WasteMemoryPercent { get; init; } = 40;

    /// <summary>Waste: a GPU busy above this share of the time is at work; percent, 0 to 100. Default 80.</summary>
    public double WasteGpuPercent { get; init; } = 80;

    /// <summary>Heat: minutes that are looked at; above 0, at most 240. Default 1.</summary>
    public double HeatMinutes { get; init; } = 1;

    /// <summary>Heat: degrees Celsius below the GPU's own slow-down; 0 to 50. Default 3.</summary>
    public double HeatMarginCelsius { get; init; } = 3;

    /// <summary>Heat: the slow-down of a GPU that does not tell its own, degrees Celsius; 50 to 120. Default 88; NVIDIA's data-centre cards name 87 to 93.</summary>
    public double HeatUnknownCelsius { get; init; } = 88;

    /// <summary>Budget: shares of the cost limit that are told, each above 0, at most 1. Default 0.8 and 1.</summary>
    public IReadOnlyList<double> BudgetShares { get; init; } = [0.8, 1];

    /// <summary>How far back samples are needed: the longest window, and a minute.</summary>
    internal TimeSpan Memory => TimeSpan.FromMinutes(new[] { IdleWarnMinutes, IdleEndMinutes, AdviceMinutes, HeatMinutes }.Max() + 1);

    /// <summary>All problems with these values, empty when sound.</summary>
    public IEnumerable<string> Check()
    {
        foreach (var (name, value, least, most) in new[]
        {
            (nameof(IdlePercent), IdlePercent, double.Epsilon, 100), (nameof(IdleWarnMinutes), IdleWarnMinutes, double.Epsilon, MostMinutes),
            (nameof(IdleEndMinutes), IdleEndMinutes, IdleWarnMinutes, MostMinutes), (nameof(StalledMinutes), StalledMinutes, double.Epsilon, MostMinutes),
            (nameof(StalledSteps), StalledSteps, 1, 1000), (nameof(StarvedPercent), StarvedPercent, double.Epsilon, 100),
            (nameof(StarvedWaitShare), StarvedWaitShare, 0, 1), (nameof(AdviceMinutes), AdviceMinutes, double.Epsilon, MostMinutes),
            (nameof(WasteMemoryPercent), WasteMemoryPercent, 0, 100), (nameof(WasteGpuPercent), WasteGpuPercent, 0, 100),
            (nameof(HeatMinutes), HeatMinutes, double.Epsilon, MostMinutes), (nameof(HeatMarginCelsius), HeatMarginCelsius, 0, 50),
            (nameof(HeatUnknownCelsius), HeatUnknownCelsius, 50, 120),
        })
        {
            if (!(value >= least && value <= most))
            {
                var range = least == double.Epsilon ? FormattableString.Invariant($"above 0, at most {most}") : FormattableString.Invariant($"from {least} to {most}");
                yield return FormattableString.Invariant($"Alerts.{name} is {value}; it must be {range}. Leave it out for the default.");
            }
        }

        if (BudgetShares.Any(share => share is not (> 0 and <= 1)))
        {
            yield return $"Alerts.BudgetShares are [{string.Join(", ", BudgetShares)}]; each must be above 0, at most 1. Pass --set alerts.budgetShares=[0.8,1].";
        }
    }
}
