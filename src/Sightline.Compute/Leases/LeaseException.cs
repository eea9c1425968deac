namespace Sightline.Compute.Leases;

/// <summary>A provider, or the lease's own limits, stood against a lease.</summary>
/// <param name="trouble">Why.</param>
/// <param name="message">What was asked, what the provider said, what to do next. No secrets.</param>
/// <param name="machineId">The machine that exists, if one is known.</param>
/// <param name="inner">The error behind it, if any.</param>
public sealed class LeaseException(LeaseTrouble trouble, string message, string? machineId = null, Exception? inner = null)
    : ComputeException(trouble == LeaseTrouble.PriceRose ? ComputeTrouble.LimitReached : ComputeTrouble.Provider, message, inner)
{
    /// <summary>Why; <see cref="ComputeException.Trouble"/> says which exit code.</summary>
    public new LeaseTrouble Trouble { get; } = trouble;

    /// <summary>The provider's id of the machine that exists; null when none is known.</summary>
    public string? MachineId { get; } = machineId;
}
