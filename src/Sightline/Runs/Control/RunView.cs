using Sightline.Compute.Monitoring;

namespace Sightline.Runs;

/// <summary>How a run stands, for people and programs that watch it: state, progress, machine, money, alerts.</summary>
internal sealed record RunView
{
    /// <summary>The run's folder.</summary>
    public required string Run { get; init; }

    /// <summary>The folder's name.</summary>
    public required string Name { get; init; }

    /// <summary>The state's name.</summary>
    public required string State { get; init; }

    /// <summary>Since when, UTC.</summary>
    public required DateTimeOffset StateSince { get; init; }

    /// <summary>More on the state; null where there is no more.</summary>
    public string? StateReason { get; init; }

    /// <summary>What the process does; null where there is no heartbeat.</summary>
    public string? Phase { get; init; }

    /// <summary>When the last heartbeat came, UTC.</summary>
    public DateTimeOffset? HeartbeatAt { get; init; }

    /// <summary>Epoch, from 1; 0 before the first.</summary>
    public int Epoch { get; init; }

    /// <summary>Epochs planned, with adjustments.</summary>
    public int Epochs { get; init; }

    /// <summary>Steps taken.</summary>
    public long Step { get; init; }

    /// <summary>Steps planned.</summary>
    public long TotalSteps { get; init; }

    /// <summary>Median step, seconds.</summary>
    public double? StepSeconds { get; init; }

    /// <summary>Pictures per second.</summary>
    public double? ImagesPerSecond { get; init; }

    /// <summary>Share of the time spent waiting for data, 0..1.</summary>
    public double? DataWaitShare { get; init; }

    /// <summary>Training loss of the last steps, nats.</summary>
    public double? TrainLoss { get; init; }

    /// <summary>Learning rate of the last step.</summary>
    public double? LearningRate { get; init; }

    /// <summary>Validation top-1 of the last epoch, 0..1.</summary>
    public double? ValidationAccuracy { get; init; }

    /// <summary>The best so far.</summary>
    public double? BestAccuracy { get; init; }

    /// <summary>Seconds of training.</summary>
    public double Seconds { get; init; }

    /// <summary>Seconds left at this process's speed; null where it is not known or the run does not run.</summary>
    public double? SecondsLeft { get; init; }

    /// <summary>Host and GPUs over the last five seconds; null where nothing was sampled.</summary>
    public SystemSample? System { get; init; }

    /// <summary>Where it runs, in words; null where it is this machine or not told.</summary>
    public string? Offer { get; init; }

    /// <summary>Price, USD per hour; null where none is known.</summary>
    public decimal? PricePerHourUsd { get; init; }

    /// <summary>Spent so far, USD; null where no price is known.</summary>
    public decimal? SpentUsd { get; init; }

    /// <summary>What may be spent, USD; null where there is no cap.</summary>
    public decimal? MaxCostUsd { get; init; }

    /// <summary>The last alerts, oldest first.</summary>
    public IReadOnlyList<Alert> Alerts { get; init; } = [];
}
