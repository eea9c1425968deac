using Sightline.Compute.Leases;
using Sightline.Compute.Storage;
using Xunit;

namespace Sightline.Compute.Tests.Leases;

public sealed class LeaseScheduleTests
{
    [Fact]
    public Task Ten_thousand_schedules_with_faults_and_kills_leave_no_machine() =>
        LeaseSchedules.RunAsync(10_000, (random, time) => new SimulatedWorld(random, time));

    [Fact]
    public async Task Two_hundred_schedules_on_the_real_journal_leave_no_machine()
    {
        await using var database = await Database.InMemoryAsync(nameof(LeaseScheduleTests), default);

        await LeaseSchedules.RunAsync(200, (random, time) => new SimulatedWorld(random, time), async () =>
        {
            await database.TransactAsync(async (session, token) => await session.ExecuteAsync("DELETE FROM lease_events", token) + await session.ExecuteAsync("DELETE FROM leases", token), default);
            return new LeaseJournal(database);
        }, firstSeed: 1_000_000);
    }
}
