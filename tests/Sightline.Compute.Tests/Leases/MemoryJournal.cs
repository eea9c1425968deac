using Sightline.Compute.Leases;

namespace Sightline.Compute.Tests.Leases;

/// <summary>A journal without a disk, for ten thousand schedules; <see cref="LeaseJournalContract"/> holds it and the real one to the same.</summary>
internal sealed class MemoryJournal : ILeaseJournal
{
    private readonly SortedDictionary<string, Row> _rows = new(StringComparer.Ordinal);
    private readonly List<string> _order = [];

    public Task<string> InstallationAsync(CancellationToken cancellationToken) => Task.FromResult("insta1");

    public Task<LeaseHold> AddAsync(Lease lease, string holder, DateTimeOffset until, LeaseEvent first, CancellationToken cancellationToken)
    {
        _rows.Add(lease.Id, new Row { Lease = lease, Holder = holder, Until = until, Epoch = 1, Events = { first with { Number = 1 } } });
        _order.Add(lease.Id);
        return Task.FromResult(new LeaseHold(lease, 1));
    }

    public Task<LeaseHold?> HoldAsync(string leaseId, string holder, DateTimeOffset now, DateTimeOffset until, Func<string, bool> isDead, CancellationToken cancellationToken)
    {
        if (!_rows.TryGetValue(leaseId, out var row) || (row.Holder is not null && row.Until >= now && !isDead(row.Holder)))
        {
            return Task.FromResult<LeaseHold?>(null);
        }

        (row.Holder, row.Until) = (holder, until);
        row.Epoch++;
        return Task.FromResult<LeaseHold?>(new LeaseHold(row.Lease, row.Epoch));
    }

    public Task<bool> WriteAsync(Lease lease, long epoch, DateTimeOffset until, IReadOnlyList<LeaseEvent> events, CancellationToken cancellationToken)
    {
        var row = _rows[lease.Id];
        if (row.Epoch != epoch || row.Holder is null)
        {
            return Task.FromResult(false);
        }

        (row.Lease, row.Until) = (lease, until);
        row.Events.AddRange(events.Select((entry, index) => entry with { Number = row.Events.Count + index + 1 }).ToList());
        return Task.FromResult(true);
    }

    public Task ReleaseAsync(string leaseId, long epoch, CancellationToken cancellationToken)
    {
        if (_rows[leaseId] is { } row && row.Epoch == epoch)
        {
            row.Holder = null;
        }

        return Task.CompletedTask;
    }

    public Task<Lease?> FindAsync(string leaseId, CancellationToken cancellationToken) => Task.FromResult(_rows.GetValueOrDefault(leaseId)?.Lease);

    public Task<IReadOnlyList<Lease>> ListAsync(bool isOpenOnly, CancellationToken cancellationToken) =>
        Task.FromResult<IReadOnlyList<Lease>>([.. _order.Select(id => _rows[id].Lease).Where(lease => !isOpenOnly || lease.IsOpen)]);

    public Task<IReadOnlyList<LeaseEvent>> EventsAsync(string leaseId, CancellationToken cancellationToken) =>
        Task.FromResult<IReadOnlyList<LeaseEvent>>(_rows.TryGetValue(leaseId, out var row) ? [.. row.Events] : []);

    private sealed class Row
    {
        public required Lease Lease { get; set; }

        public string? Holder { get; set; }

        public DateTimeOffset Until { get; set; }

        public long Epoch { get; set; }

        public List<LeaseEvent> Events { get; } = [];
    }
}
