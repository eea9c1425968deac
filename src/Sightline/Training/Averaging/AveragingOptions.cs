namespace Sightline.Training;

/// <summary>How weights are averaged over the run.</summary>
public enum AveragingKind
{
    /// <summary>Not at all: the last weights of each epoch are validated and kept.</summary>
    None,

    /// <summary>Exponential moving average after every step (Polyak and Juditsky 1992; timm's ModelEmaV3).</summary>
    Ema,

    /// <summary>Plain average of the weights at the end of each of the last epochs (Izmailov et al. 2018).</summary>
    Swa,
}

/// <summary>Averaging of weights. Where it is on, the averaged weights are validated and kept as the best; training goes on with its own.</summary>
public sealed record AveragingOptions
{
    /// <summary>None by default. It costs one copy of the weights and a pass over them in each step.</summary>
    public AveragingKind Kind { get; init; }

    /// <summary>EMA: the most that the old average counts in each step; 0 to below 1. Default 0.9998, as timm's training script.</summary>
    public double Decay { get; init; } = 0.9998;

    /// <summary>EMA: the decay of step t is at most 1 - (1 + t / gamma)^-power, so that the first weights are forgotten soon. Above 0; default 1.</summary>
    public double WarmupGamma { get; init; } = 1;

    /// <summary>EMA: the power in that formula; 0 (no warm-up) to 1. Default 3/4: 0.999 after 10,000 steps. timm also names 2/3 for a million steps.</summary>
    public double WarmupPower { get; init; } = 0.75;

    /// <summary>SWA: the share of the run after which epochs are averaged; 0 to below 1. Best with a rate that does not fall to nothing.</summary>
    public double StartAt { get; init; } = 0.75;

    /// <summary>All problems with these values, empty when sound.</summary>
    public IEnumerable<string> Check()
    {
        if (Decay is not (>= 0 and < 1))
        {
            yield return $"Decay is {Decay}; it must be at least 0 and below 1. Pass --set averaging.decay=0.9998.";
        }

        if (WarmupGamma is not (> 0 and < double.PositiveInfinity) || WarmupPower is not (>= 0 and <= 1))
        {
            yield return $"WarmupGamma and WarmupPower are {WarmupGamma} and {WarmupPower}; gamma must be above 0, power from 0 to 1. " +
                "Pass --set averaging.warmupGamma=1 --set averaging.warmupPower=0.75.";
        }

        if (StartAt is not (>= 0 and < 1))
        {
            yield return $"StartAt is {StartAt}; it must be at least 0 and below 1. Pass --set averaging.startAt=0.75.";
        }
    }
}
