using System.Diagnostics;
using System.Globalization;
using Sightline.Compute.Leases;
using Xunit;

namespace Sightline.Compute.Tests.Leases;

/// <summary>
/// Proof of no leak: programs lease, end, extend and watch machines while providers fail at random; programs are killed at any await and sleep through their
/// hold while others take over. Afterwards the providers are well, a program looks now and then, and everything must be in order:
/// <list type="bullet">
/// <item>every machine that was ever made had its intent in the journal first;</item>
/// <item>no create was sent twice on one intent;</item>
/// <item>no machine was written down as gone before its provider said so;</item>
/// <item>no machine is alive, and no lease is open;</item>
/// <item>no lease cost more than its limit, and the grace, below, of each of its machines;</item>
/// <item>no write took back what an earlier one had established (a program that slept through its hold wrote nothing);</item>
/// <item>no call failed, so nothing was ended twice with an error.</item>
/// </list>
/// A schedule follows from its seed alone. Set SIGHTLINE_SCHEDULE to a seed to run only that one.
/// </summary>
internal static class LeaseSchedules
{
    /// <summary>
    /// How long a machine may cost beyond the limit, where programs look every 2 to 10 minutes: until the first look (10), a killed program's hold and the next
    /// look (15), an end that fails or is forgotten twice (20), a slow deletion (5), a machine that shows late, or that a list must show (10).
    /// </summary>
    public static TimeSpan Grace { get; } = TimeSpan.FromMinutes(60);

    private static readonly DateTimeOffset _start = new(2026, 11, 24, 12, 0, 0, TimeSpan.Zero);

    /// <summary>As many schedules as SIGHTLINE_SCHEDULES says, else the usual number.</summary>
    public static int Count(int usual) => int.TryParse(Environment.GetEnvironmentVariable("SIGHTLINE_SCHEDULES"), CultureInfo.InvariantCulture, out var count) ? count : usual;

    /// <summary>Runs schedules, and writes what happened in them to the test's output.</summary>
    /// <param name="count">How many; seeds from <paramref name="firstSeed"/>.</param>
    /// <param name="world">Makes the providers of one schedule from its generator and clock.</param>
    /// <param name="journal">Makes an empty journal; null takes one in memory.</param>
    public static async Task RunAsync(int count, Func<Random, TimeProvider, ILeaseWorld> world, Func<Task<ILeaseJournal>>? journal = null, int firstSeed = 0)
    {
        var seeds = int.TryParse(Environment.GetEnvironmentVariable("SIGHTLINE_SCHEDULE"), CultureInfo.InvariantCulture, out var only) ? [only] : Enumerable.Range(firstSeed, count);
        var failures = new List<string>();
        var (ran, faults, kills, machines, began) = (0, 0L, 0L, 0L, Stopwatch.GetTimestamp());
        foreach (var seed in seeds)
        {
            try
            {
                var schedule = new Schedule(seed, world, journal is null ? new MemoryJournal() : await journal());
                ran++;
                await schedule.RunAsync();
                (faults, kills, machines) = (faults + schedule.Faults, kills + schedule.Kills, machines + schedule.Machines);
            }
            catch (Exception error)
            {
                failures.Add($"Schedule {seed} fails; SIGHTLINE_SCHEDULE={seed} repeats it. {error.Message}{Environment.NewLine}{(error is Xunit.Sdk.XunitException ? "" : error.StackTrace)}");
                if (failures.Count == 5)
                {
                    break;
                }
            }
        }

        TestContext.Current.TestOutputHelper?.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{ran} schedules, {faults} faults, {kills} kills, {machines} machines made, {failures.Count} schedules failed, {Stopwatch.GetElapsedTime(began).TotalSeconds:0.0} s"));
        Assert.True(failures.Count == 0, string.Join(Environment.NewLine, failures));
    }

    private sealed class Schedule
    {
        private readonly Random _random;
        private readonly JumpingTime _time = new(_start);
        private readonly ILeaseWorld _world;
        private readonly ILeaseJournal _journal;
        private readonly List<string> _lostUpdates = [];
        private readonly Dictionary<string, int> _creates = [];
        private readonly HashSet<(string Provider, string Machine)> _gone = [];
        private int _ids;

        public int Faults => _world.FaultCount;

        public int Machines => _world.Machines.Count();

        public int Kills { get; private set; }

        public Schedule(int seed, Func<Random, TimeProvider, ILeaseWorld> world, ILeaseJournal journal)
        {
            _random = new Random(seed);
            _world = world(_random, _time);
            _journal = new WatchedJournal(journal, _lostUpdates);
        }

        public async Task RunAsync()
        {
            var acts = _random.Next(2, 7);
            for (var act = 0; act < acts; act++)
            {
                var kill = new KillSwitch(_random.Next(2) == 0 ? 0 : _random.Next(1, 70)) { Meanwhile = Others() };
                try
                {
                    await ActAsync(Program(kill), act == 0 ? 0 : _random.Next(10));
                }
                catch (KilledException)
                {
                    Kills++; // The next act is a new program's.
                }
                catch (Exception error) when (error is ComputeException or FencedException)
                {
                    // What a user would be told.
                }

                await TruthAsync();
                await PassAsync(TimeSpan.FromMinutes(_random.Next(3) == 0 ? _random.Next(120) : _random.Next(6)));
            }

            await RecoverAsync();
        }

        private LeaseController Program(KillSwitch kill) => new(new KillableJournal(_journal, kill), [.. _world.Providers.Select(provider => new KillableProvider(provider, kill, _creates, _gone))], _time)
        {
            NewId = length => (++_ids).ToString(CultureInfo.InvariantCulture).PadLeft(length, '0'),
        };

        // In one act of four another program looks, at a random await, often after the first one has slept through its hold.
        private Func<Task>? Others()
        {
            if (_random.Next(4) > 0)
            {
                return null;
            }

            var at = _random.Next(1, 50);
            return async () =>
            {
                if (--at == 0)
                {
                    _time.Advance(TimeSpan.FromMinutes(_random.Next(12)));
                    await TryAsync(() => Program(new KillSwitch(0)).ReconcileAsync(default));
                }
            };
        }

        private async Task ActAsync(LeaseController program, int kind)
        {
            var leases = await _journal.ListAsync(false, default);
            var some = leases.Count > 0 ? leases[_random.Next(leases.Count)].Id : null;
            switch (kind)
            {
                case <= 3:
                    await program.LeaseAsync(Order(), default);
                    break;
                case 4 when some is not null:
                    await program.EndAsync(some, TimeSpan.FromMinutes(_random.Next(3)), default);
                    break;
                case 5 when some is not null:
                    await program.ExtendAsync(some, TimeSpan.FromHours(1 + _random.Next(5)), null, default);
                    break;
                case 6 when some is not null:
                    await program.NoteActivityAsync(some, _random.Next(2) == 0, default);
                    break;
                case 7 when some is not null:
                    await program.DrainAsync(some, "a test", TimeSpan.FromMinutes(_random.Next(4)), default);
                    break;
                case 8:
                    await program.TickAsync(default);
                    break;
                default:
                    await program.ReconcileAsync(default);
                    break;
            }
        }

        private LeaseOrder Order()
        {
            var offers = _world.Offers.ToArray();
            _random.Shuffle(offers);
            return new LeaseOrder
            {
                Offers = offers,
                Limits = new LeaseLimits { MaxCostUsd = 0.5m + (_random.Next(40) / 10m), MaxTime = TimeSpan.FromMinutes(20 + _random.Next(300)), IdleStop = TimeSpan.FromMinutes(20 * _random.Next(2)) },
                WaitsForReady = _random.Next(4) > 0,
                MaxOffers = 1 + _random.Next(4),
            };
        }

        // Time passes while a program watches; it may be killed too.
        private async Task PassAsync(TimeSpan span)
        {
            var until = _time.GetUtcNow() + span;
            var program = Program(new KillSwitch(_random.Next(4) == 0 ? _random.Next(1, 60) : 0));
            while (_time.GetUtcNow() < until)
            {
                var left = until - _time.GetUtcNow();
                var gap = TimeSpan.FromMinutes(2 + _random.Next(8));
                _time.Advance(gap < left ? gap : left);
                if (!await TryAsync(() => program.TickAsync(default)))
                {
                    program = Program(new KillSwitch(0));
                }
            }
        }

        private async Task<bool> TryAsync(Func<Task> work)
        {
            try
            {
                await work();
                return true;
            }
            catch (KilledException)
            {
                Kills++;
                return false;
            }
        }

        private async Task TruthAsync()
        {
            foreach (var lease in await _journal.ListAsync(false, default))
            {
                var early = lease.Attempts.FirstOrDefault(attempt => attempt is { State: AttemptState.Gone, MachineId: { } id } && !_gone.Contains((attempt.Provider, id)));
                Assert.True(early is null, $"{early?.MachineId} of {early?.Provider} was written down as gone, and the provider has never said so.");
            }

            foreach (var machine in _world.Machines)
            {
                var lease = await _journal.FindAsync(machine.Name[MachineRequest.NamePrefix.Length..], default);
                Assert.True(lease is not null, $"{machine} was made, and the journal has no lease of its name.");
                Assert.True(lease.Attempts.Any(attempt => attempt.Provider == machine.Provider && attempt.IntentAt <= machine.CreatedAt), $"{machine} was made without an intent in the journal.");
            }
        }

        private async Task RecoverAsync()
        {
            _world.Calm();
            var calmAt = _time.GetUtcNow();
            var program = Program(new KillSwitch(0));
            await program.ReconcileAsync(default);
            for (var round = 0; round < 80 && (await _journal.ListAsync(true, default)).Count > 0; round++)
            {
                _time.Advance(TimeSpan.FromMinutes(2 + _random.Next(8)));
                await program.TickAsync(default);
            }

            _time.Advance(TimeSpan.FromMinutes(6)); // The last list is not older than that.
            await program.TickAsync(default);
            await TruthAsync();
            Assert.True(_lostUpdates.Count == 0, string.Join(Environment.NewLine, _lostUpdates));
            foreach (var machine in _world.Machines)
            {
                Assert.False(machine.IsAlive, $"{machine} is alive.");
            }

            foreach (var lease in await _journal.ListAsync(false, default))
            {
                await CheckAsync(lease, calmAt);
            }
        }

        private async Task CheckAsync(Lease lease, DateTimeOffset calmAt)
        {
            var events = await _journal.EventsAsync(lease.Id, default);
            var story = $"{Environment.NewLine}{string.Join(Environment.NewLine, events.Select(entry => $"{entry.At:HH:mm:ss} {entry.Kind}: {entry.Message}"))}";
            Assert.False(lease.IsOpen, $"The lease {lease.Id} is {lease.State} and open.{story}");
            Assert.True(events.Select(entry => entry.Number).SequenceEqual(Enumerable.Range(1, events.Count).Select(number => (long)number)), $"The events of {lease.Id} have gaps.{story}");
            var intents = lease.Attempts.Count(attempt => attempt.Offer is not null); // One without an offer was found, not asked for.
            Assert.True(_creates.GetValueOrDefault(lease.Id) <= intents, $"For {lease.Id} {_creates.GetValueOrDefault(lease.Id)} creates were sent, and the journal has {intents} intents.{story}");
            Assert.DoesNotContain(events, entry => entry.Kind == "trouble" && entry.At > calmAt);
            var machines = _world.Machines.Where(machine => machine.Name == MachineRequest.NamePrefix + lease.Id).ToList();
            var allowed = lease.Limits.MaxCostUsd + machines.Sum(machine => machine.PricePerHourUsd * (decimal)Grace.TotalHours);
            Assert.True(machines.Sum(machine => machine.BilledUsd) <= allowed, $"{lease.Id} cost {machines.Sum(machine => machine.BilledUsd):0.00} USD; allowed are {lease.Limits.MaxCostUsd} and {allowed - lease.Limits.MaxCostUsd:0.00} of grace.{story}");
        }
    }
}
