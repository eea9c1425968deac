namespace Sightline.Compute.Leases;

/// <summary>Another controller has taken a lease over: what this one knows of it is old, so it must do nothing more.</summary>
internal sealed class FencedException(string leaseId)
    : ComputeException(ComputeTrouble.Provider, $"Another process has taken over the lease {leaseId} and watches it now. Look with: sightline gpu leases");

/// <summary>A lease that this controller may act on. Every change goes through <see cref="WriteAsync"/>, which fails when the right is lost.</summary>
internal sealed class HeldLease(ILeaseJournal journal, TimeProvider time, LeaseTimes times, LeaseHold hold)
{
    private DateTimeOffset _writtenAt = time.GetUtcNow();

    /// <summary>The lease as last written.</summary>
    public Lease Lease { get; private set; } = hold.Lease;

    /// <summary>Writes a change and what happened.</summary>
    /// <exception cref="FencedException">The hold was lost; nothing was written.</exception>
    public async Task WriteAsync(Lease next, CancellationToken cancellationToken, params (string Kind, string Message)[] events)
    {
        var now = time.GetUtcNow();
        if (!await journal.WriteAsync(next, hold.Epoch, now + times.Hold, [.. events.Select(entry => new LeaseEvent(next.Id, 0, now, entry.Kind, entry.Message))], cancellationToken).ConfigureAwait(false))
        {
            throw new FencedException(next.Id);
        }

        Lease = next;
        _writtenAt = now;
    }

    /// <summary>Prolongs the hold where a third of it has passed.</summary>
    /// <exception cref="FencedException">The hold was lost.</exception>
    public Task KeepAsync(CancellationToken cancellationToken) =>
        time.GetUtcNow() - _writtenAt < times.Hold / 3 ? Task.CompletedTask : WriteAsync(Lease, cancellationToken);

    /// <summary>The lease as it is in the journal now, whoever wrote it.</summary>
    public Task<Lease?> ReadAsync(CancellationToken cancellationToken) => journal.FindAsync(Lease.Id, cancellationToken);

    /// <summary>Gives the right back.</summary>
    public Task ReleaseAsync() => journal.ReleaseAsync(Lease.Id, hold.Epoch, CancellationToken.None);
}
