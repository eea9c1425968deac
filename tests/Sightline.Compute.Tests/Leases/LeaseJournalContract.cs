using Sightline.Compute.Leases;
using Sightline.Compute.Storage;
using Sightline.Tests.Servers;
using Xunit;

namespace Sightline.Compute.Tests.Leases;

/// <summary>What every journal does; the one in memory too, as ten thousand schedules stand on it.</summary>
public abstract class LeaseJournalContract
{
    private static readonly DateTimeOffset _now = new(2026, 11, 24, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public async Task Lease_comes_back_as_it_was_written()
    {
        await using var place = await OpenAsync();
        var lease = Lease("insta1-aaaaaaaa");

        await place.Journal.AddAsync(lease, "a", _now.AddMinutes(5), Event(lease), default);
        var found = await place.Journal.FindAsync(lease.Id, default);

        Assert.Equivalent(lease, found, strict: true);
        Assert.Null(await place.Journal.FindAsync("other", default));
    }

    [Fact]
    public async Task Hold_is_one_program_s_until_it_is_given_back_or_over()
    {
        await using var place = await OpenAsync();
        var lease = Lease("insta1-aaaaaaaa");
        var first = await place.Journal.AddAsync(lease, "a", _now.AddMinutes(5), Event(lease), default);

        Assert.Null(await place.Journal.HoldAsync(lease.Id, "b", _now.AddMinutes(5), _now.AddMinutes(9), _ => false, default));
        Assert.Null(await place.Journal.HoldAsync(lease.Id, "a", _now.AddMinutes(1), _now.AddMinutes(9), _ => false, default)); // Not even its own, twice.
        await place.Journal.ReleaseAsync(lease.Id, first.Epoch, default);
        var second = await place.Journal.HoldAsync(lease.Id, "b", _now.AddMinutes(1), _now.AddMinutes(6), _ => false, default);
        var third = await place.Journal.HoldAsync(lease.Id, "c", _now.AddMinutes(7), _now.AddMinutes(12), _ => false, default);

        Assert.NotNull(second);
        Assert.NotNull(third);
        Assert.True(third.Epoch > second.Epoch && second.Epoch > first.Epoch);
        Assert.Null(await place.Journal.HoldAsync("other", "c", _now, _now, _ => false, default));
    }

    [Fact]
    public async Task Hold_of_a_dead_program_does_not_count()
    {
        await using var place = await OpenAsync();
        var lease = Lease("insta1-aaaaaaaa");
        await place.Journal.AddAsync(lease, "a", _now.AddMinutes(5), Event(lease), default);

        Assert.Null(await place.Journal.HoldAsync(lease.Id, "b", _now, _now.AddMinutes(9), holder => holder == "c", default));
        Assert.NotNull(await place.Journal.HoldAsync(lease.Id, "b", _now, _now.AddMinutes(9), holder => holder == "a", default));
    }

    [Fact]
    public async Task Write_of_an_old_holder_changes_nothing()
    {
        await using var place = await OpenAsync();
        var lease = Lease("insta1-aaaaaaaa");
        var old = await place.Journal.AddAsync(lease, "a", _now.AddMinutes(5), Event(lease), default);
        var taken = await place.Journal.HoldAsync(lease.Id, "b", _now.AddMinutes(6), _now.AddMinutes(11), _ => false, default);

        var wrote = await place.Journal.WriteAsync(lease with { Purpose = "old" }, old.Epoch, _now.AddMinutes(12), [Event(lease)], default);
        await place.Journal.ReleaseAsync(lease.Id, old.Epoch, default);
        var newWrote = await place.Journal.WriteAsync(lease with { Purpose = "new" }, taken!.Epoch, _now.AddMinutes(12), [Event(lease), Event(lease)], default);
        await place.Journal.ReleaseAsync(lease.Id, taken.Epoch, default);
        var afterRelease = await place.Journal.WriteAsync(lease with { Purpose = "late" }, taken.Epoch, _now.AddMinutes(12), [], default);

        Assert.False(wrote);
        Assert.True(newWrote);
        Assert.False(afterRelease);
        Assert.Equal("new", (await place.Journal.FindAsync(lease.Id, default))!.Purpose);
        Assert.Equal([1, 2, 3], (await place.Journal.EventsAsync(lease.Id, default)).Select(entry => entry.Number));
    }

    [Fact]
    public async Task List_gives_the_oldest_first_and_the_open_ones_alone()
    {
        await using var place = await OpenAsync();
        foreach (var lease in new[] { Lease("insta1-bbbbbbbb"), Lease("insta1-aaaaaaaa") with { RequestedAt = _now.AddMinutes(1) }, Lease("insta1-cccccccc") with { RequestedAt = _now.AddMinutes(2), State = LeaseState.Ended, Attempts = [] } })
        {
            await place.Journal.AddAsync(lease, "a", _now, Event(lease), default);
        }

        Assert.Equal(["insta1-bbbbbbbb", "insta1-aaaaaaaa", "insta1-cccccccc"], (await place.Journal.ListAsync(false, default)).Select(lease => lease.Id));
        Assert.Equal(["insta1-bbbbbbbb", "insta1-aaaaaaaa"], (await place.Journal.ListAsync(true, default)).Select(lease => lease.Id));
    }

    [Fact]
    public async Task Installation_stays_the_same()
    {
        await using var place = await OpenAsync();

        var ids = new[] { await place.Journal.InstallationAsync(default), await place.Journal.InstallationAsync(default) };

        Assert.Matches("^[a-z0-9]{6}$", ids[0]);
        Assert.Equal(ids[0], ids[1]);
    }

    private protected abstract Task<Place> OpenAsync();

    private static Lease Lease(string id) => new()
    {
        Id = id,
        State = LeaseState.Ready,
        RequestedAt = _now,
        Limits = new LeaseLimits { MaxCostUsd = 1.23456789m, MaxTime = TimeSpan.FromMinutes(90), Deadline = _now.AddDays(1) },
        Purpose = "a run 'with' \"quotes\" und Ümläut",
        Attempts = [new LeaseAttempt { Number = 1, Provider = "alpha", Offer = LeaseOffer.Of(TestOffers.Of("alpha", 0.1m)), IntentAt = _now.AddTicks(7), State = AttemptState.Alive, MachineId = "m-1", PricePerHourUsd = 0.1m }],
        Chosen = 1,
        Machine = new Machine { Id = "m-1", Name = "sightline-" + id, Provider = "alpha", State = MachineState.Running, SshHost = "198.51.100.7", SshPort = 2222 },
    };

    private static LeaseEvent Event(Lease lease) => new(lease.Id, 1, _now, "requested", "words");

    private protected sealed record Place(ILeaseJournal Journal, Func<ValueTask> Close) : IAsyncDisposable
    {
        public ValueTask DisposeAsync() => Close();
    }
}

public sealed class MemoryJournalTests : LeaseJournalContract
{
    private protected override Task<Place> OpenAsync() => Task.FromResult(new Place(new MemoryJournal(), () => ValueTask.CompletedTask));
}

public sealed class SqliteJournalTests : LeaseJournalContract
{
    private protected override async Task<Place> OpenAsync()
    {
        var folder = Directory.CreateTempSubdirectory("sightline-journal").FullName;
        var database = await Database.OpenAsync(Path.Combine(folder, "s.db"), default);
        return new Place(new LeaseJournal(database), async () =>
        {
            await database.DisposeAsync();
            Directory.Delete(folder, recursive: true);
        });
    }
}

/// <summary>One server for the class; each test empties the tables.</summary>
public sealed class PostgresJournalTests : LeaseJournalContract, IClassFixture<PostgresJournalTests.Server>
{
    private readonly Server _server;

    public PostgresJournalTests(Server server) => _server = server;

    [Fact]
    public async Task Open_four_at_once_runs_each_script_once()
    {
        Assert.SkipWhen(PostgresServer.Absent is not null, PostgresServer.Absent ?? "");

        var all = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(() => Database.OpenAsync(_server.Postgres!.Place, default))));

        var scripts = await all[0].ReadAsync((session, token) => session.QueryAsync("SELECT scriptname FROM schemaversions", reader => reader.GetString(0), token), default);
        Assert.Equal(scripts.Distinct(), scripts);
        Array.ForEach(all, database => database.Dispose());
    }

    private protected override async Task<Place> OpenAsync()
    {
        Assert.SkipWhen(PostgresServer.Absent is not null, PostgresServer.Absent ?? "");
        var database = await Database.OpenAsync(_server.Postgres!.Place, default);
        await database.TransactAsync((session, token) => session.ExecuteAsync("TRUNCATE lease_events, leases, installation", token), default);
        return new Place(new LeaseJournal(database), () => database.DisposeAsync());
    }

    public sealed class Server : IDisposable
    {
        internal PostgresServer? Postgres { get; } = PostgresServer.Absent is null ? new PostgresServer() : null;

        public void Dispose() => Postgres?.Dispose();
    }
}
