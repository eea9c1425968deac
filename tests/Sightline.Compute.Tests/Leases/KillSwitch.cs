using Sightline.Compute.Leases;

namespace Sightline.Compute.Tests.Leases;

/// <summary>The program was killed.</summary>
internal sealed class KilledException() : Exception("killed");

/// <summary>
/// Kills a program at its n-th await: that call throws, and so does every one after it, so that no catch or finally of a dead program can do anything.
/// Between two awaits other programs may act, too.
/// </summary>
internal sealed class KillSwitch
{
    private int _left;
    private bool _isDead;

    /// <summary>What others do at an await of this program; called before the kill is looked at.</summary>
    public Func<Task>? Meanwhile { get; set; }

    /// <summary>Kills at the n-th await from now; 0 never.</summary>
    public KillSwitch(int after) => _left = after;

    public async Task PointAsync()
    {
        if (_isDead || (_left > 0 && --_left == 0))
        {
            _isDead = true;
            throw new KilledException();
        }

        if (Meanwhile is { } others)
        {
            await others();
        }
    }
}

/// <summary>A provider in a program that can be killed before a call takes effect, and after.</summary>
/// <param name="inner">The provider.</param>
/// <param name="kill">Kills the program.</param>
/// <param name="creates">How many creates were sent for each lease; null does not count.</param>
/// <param name="gone">Machines of which a provider said that they are gone; null keeps none.</param>
internal sealed class KillableProvider(ILeaseProvider inner, KillSwitch kill, Dictionary<string, int>? creates = null, HashSet<(string Provider, string Machine)>? gone = null) : ILeaseProvider
{
    public string Id => inner.Id;

    public LeaseAbilities Abilities => inner.Abilities;

    public async Task<Machine> CreateAsync(MachineRequest request, CancellationToken cancellationToken)
    {
        await kill.PointAsync();
        if (creates is not null)
        {
            creates[request.LeaseId] = creates.GetValueOrDefault(request.LeaseId) + 1;
        }

        var machine = await inner.CreateAsync(request, cancellationToken);
        await kill.PointAsync();
        return machine;
    }

    public async Task<IReadOnlyList<Machine>> ListAsync(CancellationToken cancellationToken)
    {
        await kill.PointAsync();
        return await inner.ListAsync(cancellationToken);
    }

    public async Task<Machine?> FindAsync(string machineId, CancellationToken cancellationToken)
    {
        await kill.PointAsync();
        var machine = await inner.FindAsync(machineId, cancellationToken);
        if (machine is null)
        {
            gone?.Add((inner.Id, machineId));
        }

        return machine;
    }

    public async Task EndAsync(string machineId, CancellationToken cancellationToken)
    {
        await kill.PointAsync();
        await inner.EndAsync(machineId, cancellationToken);
        await kill.PointAsync();
    }
}

/// <summary>A journal in a program that can be killed before a write and after.</summary>
internal sealed class KillableJournal(ILeaseJournal inner, KillSwitch kill) : ILeaseJournal
{
    public Task<string> InstallationAsync(CancellationToken cancellationToken) => ReadAsync(() => inner.InstallationAsync(cancellationToken));

    public Task<LeaseHold> AddAsync(Lease lease, string holder, DateTimeOffset until, LeaseEvent first, CancellationToken cancellationToken) =>
        WriteAsync(() => inner.AddAsync(lease, holder, until, first, cancellationToken));

    public Task<LeaseHold?> HoldAsync(string leaseId, string holder, DateTimeOffset now, DateTimeOffset until, Func<string, bool> isDead, CancellationToken cancellationToken) =>
        WriteAsync(() => inner.HoldAsync(leaseId, holder, now, until, isDead, cancellationToken));

    public Task<bool> WriteAsync(Lease lease, long epoch, DateTimeOffset until, IReadOnlyList<LeaseEvent> events, CancellationToken cancellationToken) =>
        WriteAsync(() => inner.WriteAsync(lease, epoch, until, events, cancellationToken));

    public async Task ReleaseAsync(string leaseId, long epoch, CancellationToken cancellationToken)
    {
        await kill.PointAsync();
        await inner.ReleaseAsync(leaseId, epoch, cancellationToken);
    }

    public Task<Lease?> FindAsync(string leaseId, CancellationToken cancellationToken) => ReadAsync(() => inner.FindAsync(leaseId, cancellationToken));

    public Task<IReadOnlyList<Lease>> ListAsync(bool isOpenOnly, CancellationToken cancellationToken) => ReadAsync(() => inner.ListAsync(isOpenOnly, cancellationToken));

    public Task<IReadOnlyList<LeaseEvent>> EventsAsync(string leaseId, CancellationToken cancellationToken) => ReadAsync(() => inner.EventsAsync(leaseId, cancellationToken));

    private async Task<T> ReadAsync<T>(Func<Task<T>> read)
    {
        await kill.PointAsync();
        return await read();
    }

    private async Task<T> WriteAsync<T>(Func<Task<T>> write)
    {
        await kill.PointAsync();
        var result = await write();
        await kill.PointAsync();
        return result;
    }
}
