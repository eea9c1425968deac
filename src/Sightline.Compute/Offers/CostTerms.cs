namespace Sightline.Compute.Offers;

/// <summary>What a job costs besides the machine's price, and how often spot machines are taken back.</summary>
/// <remarks>The defaults are assumptions of ours, not quotations: set them to what your provider says.</remarks>
public sealed record CostTerms
{
    /// <summary>Minutes until a machine trains: start, image, packages. Default 10.</summary>
    public double SetUpMinutes { get; init; } = 10;

    /// <summary>Data to be copied to the machine, GB. Default 0.</summary>
    public double DataGb { get; init; }

    /// <summary>Speed of that copy, MB per second. Default 10: what users see of rsync to rented machines.</summary>
    public double TransferMBps { get; init; } = 10;

    /// <summary>Results copied back, GB. Default 0.5: checkpoints and report.</summary>
    public double ResultGb { get; init; } = 0.5;

    /// <summary>Disk besides the data, GB. Default 30: system, packages, checkpoints.</summary>
    public double DiskGb { get; init; } = 30;

    /// <summary>USD per GB and month of disk where the provider bills it apart. Default 0.10.</summary>
    public decimal DiskPerGbMonthUsd { get; init; } = 0.10m;

    /// <summary>USD per GB that leaves the provider, where it bills that. Default 0.12.</summary>
    public decimal EgressPerGbUsd { get; init; } = 0.12m;

    /// <summary>Interruptions of a spot machine per hour. Default 0.05: one a working day.</summary>
    public double SpotInterruptionsPerHour { get; init; } = 0.05;

    /// <summary>Minutes between checkpoints: half of it is lost at an interruption. Default 10.</summary>
    public double CheckpointMinutes { get; init; } = 10;

    /// <summary>What is wrong with the values; empty when nothing is.</summary>
    public IEnumerable<string> Check()
    {
        foreach (var (name, value) in new[]
        {
            (nameof(SetUpMinutes), SetUpMinutes), (nameof(DataGb), DataGb), (nameof(ResultGb), ResultGb), (nameof(DiskGb), DiskGb),
            (nameof(DiskPerGbMonthUsd), (double)DiskPerGbMonthUsd), (nameof(EgressPerGbUsd), (double)EgressPerGbUsd),
            (nameof(SpotInterruptionsPerHour), SpotInterruptionsPerHour), (nameof(CheckpointMinutes), CheckpointMinutes),
        })
        {
            if (!(value >= 0 && double.IsFinite(value)))
            {
                yield return $"{name} is {value}; it must be 0 or more.";
            }
        }

        if (!(TransferMBps > 0))
        {
            yield return $"{nameof(TransferMBps)} is {TransferMBps}; it must be above 0.";
        }
    }
}
