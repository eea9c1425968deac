namespace Sightline.Compute.Leases;

/// <summary>The waits and bounds of the controller. The defaults are what the product uses; tests shorten none of them, they move the clock.</summary>
internal sealed record LeaseTimes
{
    /// <summary>How long a controller may act on a lease without writing to its journal; after it another may take over. Longer than any one call.</summary>
    public TimeSpan Hold { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>How long a provider may take to answer a create.</summary>
    public TimeSpan CreateLimit { get; init; } = TimeSpan.FromMinutes(3);

    /// <summary>How long a machine that nobody waits for may take until it is ready; then it is ended.</summary>
    public TimeSpan StartLimit { get; init; } = TimeSpan.FromMinutes(20);

    /// <summary>How long after a request without an answer a machine may still appear in the provider's list.</summary>
    public TimeSpan Settle { get; init; } = TimeSpan.FromMinutes(15);

    /// <summary>A machine younger than this that is not found may only be late in the provider's look-up.</summary>
    public TimeSpan Young { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>When a machine that was asked to end and still lives is asked again.</summary>
    public TimeSpan EndAgain { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>How often a machine is asked to end before the user is told.</summary>
    public int MostEnds { get; init; } = 10;

    /// <summary>The wait after the first failed call; doubled after each.</summary>
    public TimeSpan FirstRetry { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>The longest of these waits. It goes on at this pace: a machine that cannot be asked about may still be billed.</summary>
    public TimeSpan LongestRetry { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>How many rounds may fail in a row before the user is told what to do by hand.</summary>
    public int MostFailures { get; init; } = 8;

    /// <summary>How long a machine with our name and without a journal entry is left after the notice.</summary>
    public TimeSpan StrayNotice { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>How often a machine that starts or ends is looked at.</summary>
    public TimeSpan Poll { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>A report of idleness older than this says nothing of now.</summary>
    public TimeSpan ReportAge { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>A machine is not leased when the cost limit pays for less than this.</summary>
    public TimeSpan LeastTime { get; init; } = TimeSpan.FromMinutes(10);
}
