namespace Sightline.Compute.Leases;

/// <summary>From when and in which steps a provider bills.</summary>
/// <remarks>
/// Vast: disk from creation, the GPU from running (its client's source; compute.md). The steps follow the providers' pages of 2026; where nothing is known a lease is counted from
/// the moment it was asked for, to the second, which is never less than the bill.
/// </remarks>
internal sealed record BillingRule
{
    /// <summary>Whether the machine's price counts only once it runs.</summary>
    public bool IsFromRunning { get; init; }

    /// <summary>USD per GiB and month of disk, where it is billed besides or before the machine's price; 0 where it is in the price.</summary>
    public decimal DiskPerGibMonthUsd { get; init; }

    /// <summary>Time is billed in multiples of this.</summary>
    public TimeSpan Step { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>The rule of a provider.</summary>
    /// <param name="provider">Its id.</param>
    public static BillingRule Of(string provider) => provider switch
    {
        "vast" => new BillingRule { IsFromRunning = true, DiskPerGibMonthUsd = 0.10m },
        "lambda" => new BillingRule { Step = TimeSpan.FromMinutes(1) },
        "ssh" => new BillingRule { Step = TimeSpan.FromHours(1) }, // What it is paid by is not known here; the hour is the usual.
        _ => new BillingRule(),
    };
}
