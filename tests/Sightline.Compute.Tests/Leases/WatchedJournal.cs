using Sightline.Compute.Leases;

namespace Sightline.Compute.Tests.Leases;

/// <summary>A journal that notices when a write takes back what an earlier one established: a request, a machine's id, an end.</summary>
internal sealed class WatchedJournal(ILeaseJournal inner, List<string> lost) : ILeaseJournal
{
    public Task<string> InstallationAsync(CancellationToken cancellationToken) => inner.InstallationAsync(cancellationToken);

    public Task<LeaseHold> AddAsync(Lease lease, string holder, DateTimeOffset until, LeaseEvent first, CancellationToken cancellationToken) => inner.AddAsync(lease, holder, until, first, cancellationToken);

    public Task<LeaseHold?> HoldAsync(string leaseId, string holder, DateTimeOffset now, DateTimeOffset until, Func<string, bool> isDead, CancellationToken cancellationToken) => inner.HoldAsync(leaseId, holder, now, until, isDead, cancellationToken);

    public async Task<bool> WriteAsync(Lease lease, long epoch, DateTimeOffset until, IReadOnlyList<LeaseEvent> events, CancellationToken cancellationToken)
    {
        var before = await inner.FindAsync(lease.Id, cancellationToken);
        var wrote = await inner.WriteAsync(lease, epoch, until, events, cancellationToken);
        if (wrote && before is not null && TakenBack(before, lease) is { } what)
        {
            lost.Add($"{lease.Id}: a write took back {what}.");
        }

        return wrote;
    }

    public Task ReleaseAsync(string leaseId, long epoch, CancellationToken cancellationToken) => inner.ReleaseAsync(leaseId, epoch, cancellationToken);

    public Task<Lease?> FindAsync(string leaseId, CancellationToken cancellationToken) => inner.FindAsync(leaseId, cancellationToken);

    public Task<IReadOnlyList<Lease>> ListAsync(bool isOpenOnly, CancellationToken cancellationToken) => inner.ListAsync(isOpenOnly, cancellationToken);

    public Task<IReadOnlyList<LeaseEvent>> EventsAsync(string leaseId, CancellationToken cancellationToken) => inner.EventsAsync(leaseId, cancellationToken);

    private static string? TakenBack(Lease before, Lease after)
    {
        if (before.State is LeaseState.Ended or LeaseState.Lost && after.State != before.State)
        {
            return $"the state {before.State}, for {after.State}";
        }

        if (before.State is LeaseState.Draining && after.State is not (LeaseState.Draining or LeaseState.Ended))
        {
            return $"the state Draining, for {after.State}";
        }

        foreach (var attempt in before.Attempts)
        {
            var next = after.Attempts.FirstOrDefault(each => each.Number == attempt.Number);
            if (next is null || (attempt.MachineId is not null && next.MachineId != attempt.MachineId) || next.EndsAsked < attempt.EndsAsked)
            {
                return $"request {attempt.Number} ({attempt.Provider}, {attempt.State}, {attempt.MachineId ?? "no machine"})";
            }
        }

        return null;
    }
}
