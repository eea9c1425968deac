using System.Text.Json;
using Sightline.Compute.Leases;
using Sightline.Compute.Offers;
using Sightline.Compute.Storage;
using Sightline.Compute.Tests.Fakes;

namespace Sightline.Compute.Tests.Leases;

/// <summary>Hosts of price sheets, reserved in a real database whose answers are lost by plan. The truth is what stands in its table.</summary>
internal sealed class HostWorld : ILeaseWorld
{
    private readonly Database _database;
    private readonly TimeProvider _time;
    private readonly FaultyProvider _provider;

    public HostWorld(Database database, Random random, TimeProvider time)
    {
        (_database, _time) = (database, time);
        _provider = new FaultyProvider(new SshReservations(database, time), new FaultPlan(random, random.Next(4) * 0.06));
        database.TransactAsync((session, token) => session.ExecuteAsync("DELETE FROM ssh_reservations", token), default).GetAwaiter().GetResult();
    }

    public IReadOnlyList<ILeaseProvider> Providers => [_provider];

    public IReadOnlyList<Offer> Offers { get; } =
    [
        TestOffers.Of("burncloud", 1.5m) with { Host = "me@one.example:22" },
        TestOffers.Of("burncloud", 0.9m, "old") with { Host = "me@two.example:22" },
        TestOffers.Of("own", 0.4m, "desk") with { Host = "three.example" },
        TestOffers.Of("own", 0.4m, "broken") with { Host = "three.example/path" },
    ];

    public IEnumerable<WorldMachine> Machines => _database.ReadAsync((session, token) => session.QueryAsync(
        "SELECT document, ended_at FROM ssh_reservations ORDER BY machine_id", reader => Read(reader.GetString(0), reader.IsDBNull(1) ? null : reader.GetInt64(1)), token), default).GetAwaiter().GetResult();

    public int FaultCount => _provider.FaultCount;

    public void Calm() => _provider.Plan.IsActive = false;

    // A seller bills started hours.
    private WorldMachine Read(string document, long? endedMicroseconds)
    {
        var machine = JsonSerializer.Deserialize<Machine>(document)!; // The backend wrote it.
        var until = endedMicroseconds is { } ended ? DateTimeOffset.UnixEpoch.AddTicks(ended * TimeSpan.TicksPerMicrosecond) : _time.GetUtcNow();
        var (created, price) = (machine.CreatedAt!.Value, machine.PricePerHourUsd!.Value); // As above.
        return new WorldMachine("ssh", machine.Id, machine.Name, created, endedMicroseconds is null, price * Math.Max(1, Math.Ceiling((decimal)(until - created).TotalHours)), price);
    }

    /// <summary>A backend whose answers are lost, before the effect or after it.</summary>
    private sealed class FaultyProvider(ILeaseProvider inner, FaultPlan plan) : ILeaseProvider
    {
        public FaultPlan Plan => plan;

        public int FaultCount { get; private set; }

        public string Id => inner.Id;

        public LeaseAbilities Abilities => inner.Abilities;

        public Task<Machine> CreateAsync(MachineRequest request, CancellationToken cancellationToken) => AskAsync(() => inner.CreateAsync(request, cancellationToken), isCreate: true);

        public Task<IReadOnlyList<Machine>> ListAsync(CancellationToken cancellationToken) => AskAsync(() => inner.ListAsync(cancellationToken));

        public Task<Machine?> FindAsync(string machineId, CancellationToken cancellationToken) => AskAsync(() => inner.FindAsync(machineId, cancellationToken));

        public Task EndAsync(string machineId, CancellationToken cancellationToken) => AskAsync(async () =>
        {
            await inner.EndAsync(machineId, cancellationToken);
            return true;
        });

        private async Task<T> AskAsync<T>(Func<Task<T>> ask, bool isCreate = false)
        {
            var fault = plan.Draw(isCreate);
            FaultCount += fault is Fault.None or Fault.PriceRise ? 0 : 1;
            switch (fault)
            {
                case Fault.None or Fault.PriceRise: // A host's price is the sheet's.
                    return await ask();
                case Fault.ServerErrorAfter or Fault.LostAfter or Fault.FailedAfterCreate:
                    await ask();
                    throw new LeaseException(LeaseTrouble.Unanswered, "the answer was lost");
                case Fault.Capacity:
                    throw new LeaseException(LeaseTrouble.Capacity, "reserved by another");
                case Fault.Quota:
                    throw new LeaseException(LeaseTrouble.Quota, "too many");
                default:
                    throw new LeaseException(LeaseTrouble.Unanswered, "the database is busy");
            }
        }
    }
}
