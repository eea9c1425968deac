namespace Sightline.Compute.Leases;

/// <summary>The right to act on one lease: an epoch that only the newest holder has.</summary>
/// <param name="Lease">The lease as it was when the hold was taken, or last written.</param>
/// <param name="Epoch">Grows with every holder; a write with an older one changes nothing.</param>
internal sealed record LeaseHold(Lease Lease, long Epoch);

/// <summary>What is known of leases, on disk. Every write is durable when it returns.</summary>
internal interface ILeaseJournal
{
    /// <summary>The short id of this installation, made at first use: six letters and digits.</summary>
    Task<string> InstallationAsync(CancellationToken cancellationToken);

    /// <summary>Writes a new lease, held by its maker.</summary>
    Task<LeaseHold> AddAsync(Lease lease, string holder, DateTimeOffset until, LeaseEvent first, CancellationToken cancellationToken);

    /// <summary>Takes the right to act on a lease.</summary>
    /// <param name="leaseId">The lease.</param>
    /// <param name="holder">Who takes it.</param>
    /// <param name="now">The time now.</param>
    /// <param name="until">Until when it is held, unless a write prolongs it.</param>
    /// <param name="isDead">Whether a holder cannot act any more: its hold does not count.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <returns>Null when there is no such lease, or when another holds it.</returns>
    Task<LeaseHold?> HoldAsync(string leaseId, string holder, DateTimeOffset now, DateTimeOffset until, Func<string, bool> isDead, CancellationToken cancellationToken);

    /// <summary>Writes a lease and what happened to it, and prolongs the hold.</summary>
    /// <returns>False when the hold was lost: nothing was written.</returns>
    Task<bool> WriteAsync(Lease lease, long epoch, DateTimeOffset until, IReadOnlyList<LeaseEvent> events, CancellationToken cancellationToken);

    /// <summary>Gives the hold back; harmless when it was lost.</summary>
    Task ReleaseAsync(string leaseId, long epoch, CancellationToken cancellationToken);

    /// <summary>One lease; null when there is none.</summary>
    Task<Lease?> FindAsync(string leaseId, CancellationToken cancellationToken);

    /// <summary>The leases, oldest first.</summary>
    /// <param name="isOpenOnly">Only those of which something may still be billed.</param>
    Task<IReadOnlyList<Lease>> ListAsync(bool isOpenOnly, CancellationToken cancellationToken);

    /// <summary>What happened to a lease, in order.</summary>
    Task<IReadOnlyList<LeaseEvent>> EventsAsync(string leaseId, CancellationToken cancellationToken);
}
