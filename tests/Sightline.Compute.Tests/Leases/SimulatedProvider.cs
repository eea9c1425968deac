using Sightline.Compute.Leases;

namespace Sightline.Compute.Tests.Leases;

/// <summary>A provider in memory that does, with the given chance each, all that goes wrong at real ones.</summary>
internal sealed class SimulatedProvider(string id, Random random, TimeProvider time, double faults, LeaseAbilities abilities) : ILeaseProvider
{
    private readonly List<Simulated> _machines = [];
    private int _made;

    public string Id => id;

    public LeaseAbilities Abilities => abilities;

    /// <summary>The chance of a fault per call; 0 is calm.</summary>
    public double Faults { get; set; } = faults;

    /// <summary>How often a fault struck.</summary>
    public int FaultCount { get; private set; }

    public IEnumerable<WorldMachine> All => _machines.Select(machine => new WorldMachine(
        id, machine.Id, machine.Request.Name, machine.CreatedAt, IsAlive(machine), (decimal)((machine.GoneAt ?? time.GetUtcNow()) - machine.CreatedAt).TotalHours * machine.Price, machine.Price));

    public Task<Machine> CreateAsync(MachineRequest request, CancellationToken cancellationToken)
    {
        if (!Strikes())
        {
            return Task.FromResult(Show(Make(request, request.Offer.PricePerHourUsd)));
        }

        switch (random.Next(12))
        {
            case 0: throw new LeaseException(LeaseTrouble.Capacity, "none is free");
            case 1: throw new LeaseException(LeaseTrouble.Quota, "the quota is 0");
            case 2: throw new LeaseException(LeaseTrouble.Credentials, "the key is wrong");
            case 3: throw new LeaseException(LeaseTrouble.Refused, "no");
            case 4: throw new LeaseException(LeaseTrouble.PriceRose, "dearer now");
            case 5: throw new LeaseException(LeaseTrouble.Unanswered, "time-out before the effect");
            case 6:
                Make(request, request.Offer.PricePerHourUsd);
                throw new LeaseException(LeaseTrouble.Unanswered, "time-out after the effect");
            case 7:
                var failed = Make(request, request.Offer.PricePerHourUsd);
                failed.FailsAt = time.GetUtcNow();
                throw new LeaseException(LeaseTrouble.FailedAfterCreate, "outbid", random.Next(2) == 0 ? failed.Id : null);
            case 8: // Two for one.
                Make(request, request.Offer.PricePerHourUsd);
                return Task.FromResult(Show(Make(request, request.Offer.PricePerHourUsd)));
            case 9:
                return Task.FromResult(Show(Make(request, request.Offer.PricePerHourUsd * 1.5m)));
            case 10: throw new HttpRequestException("connection refused");
            default:
                Make(request, request.Offer.PricePerHourUsd);
                throw new InvalidOperationException("the answer is not what the documentation says");
        }
    }

    public Task<IReadOnlyList<Machine>> ListAsync(CancellationToken cancellationToken)
    {
        if (Strikes())
        {
            throw new LeaseException(LeaseTrouble.Unanswered, "503");
        }

        return Task.FromResult<IReadOnlyList<Machine>>([.. _machines.Where(IsSeen).Select(Show)]);
    }

    public Task<Machine?> FindAsync(string machineId, CancellationToken cancellationToken)
    {
        if (Strikes())
        {
            throw new LeaseException(LeaseTrouble.Unanswered, "502");
        }

        return Task.FromResult(_machines.FirstOrDefault(machine => machine.Id == machineId && IsSeen(machine)) is { } found ? Show(found) : null);
    }

    public Task EndAsync(string machineId, CancellationToken cancellationToken)
    {
        var kind = random.Next(3);
        var found = _machines.FirstOrDefault(machine => machine.Id == machineId);
        // Never three times in a row: how long a provider refuses to end its machines is not the controller's doing.
        var strikes = Strikes() && (found is null || found.EndsFailed < 2);
        if (found is not null)
        {
            found.EndsFailed = strikes ? found.EndsFailed + 1 : 0;
        }

        if (strikes && kind == 0)
        {
            throw new LeaseException(LeaseTrouble.Unanswered, "500 before the effect");
        }

        if (found is not null && IsAlive(found) && !(strikes && kind == 1)) // Or taken and forgotten.
        {
            found.EndsAt = Earlier(found.EndsAt, time.GetUtcNow() + TimeSpan.FromSeconds(random.Next(4) == 0 ? random.Next(300) : 0));
        }

        if (strikes && kind == 2)
        {
            throw new LeaseException(LeaseTrouble.Unanswered, "time-out after the effect");
        }

        return Task.CompletedTask;
    }

    private bool Strikes()
    {
        var strikes = random.NextDouble() < Faults;
        FaultCount += strikes ? 1 : 0;
        return strikes;
    }

    private Simulated Make(MachineRequest request, decimal price)
    {
        var now = time.GetUtcNow();
        var machine = new Simulated
        {
            Id = $"{id}-{++_made}",
            Request = request,
            Price = price,
            CreatedAt = now,
            SeenAt = now + TimeSpan.FromSeconds(Strikes() ? random.Next(100) : 0),
            RunsAt = now + TimeSpan.FromSeconds(Strikes() ? 100_000 : random.Next(300)),
            EndsAt = abilities.EndsByItself ? request.EndBy : null,
        };
        if (Strikes())
        {
            var at = now + TimeSpan.FromSeconds(random.Next(20_000));
            switch (random.Next(4))
            {
                case 0: machine.EndsAt = Earlier(machine.EndsAt, at); break; // Vanishes.
                case 1: machine.FailsAt = at; break;
                case 2: machine.IsInterruptedAt = at; break;
                default: (machine.IsInterruptedAt, machine.EndsAt) = (at, Earlier(machine.EndsAt, at + TimeSpan.FromSeconds(120))); break;
            }
        }

        _machines.Add(machine);
        return machine;
    }

    private static DateTimeOffset Earlier(DateTimeOffset? first, DateTimeOffset second) => first is { } known && known < second ? known : second;

    private bool IsAlive(Simulated machine)
    {
        if (machine.GoneAt is null && machine.EndsAt is { } ends && ends <= time.GetUtcNow())
        {
            machine.GoneAt = ends;
        }

        return machine.GoneAt is null;
    }

    private bool IsSeen(Simulated machine) => IsAlive(machine) && machine.SeenAt <= time.GetUtcNow();

    private Machine Show(Simulated machine)
    {
        var now = time.GetUtcNow();
        var isInterrupted = machine.IsInterruptedAt <= now;
        return new Machine
        {
            Id = machine.Id,
            Name = machine.Request.Name,
            Provider = id,
            State = machine.FailsAt <= now ? MachineState.Failed : isInterrupted ? MachineState.Stopped : machine.RunsAt <= now ? MachineState.Running : MachineState.Creating,
            SshHost = machine.RunsAt <= now ? "198.51.100.7" : "",
            PricePerHourUsd = machine.Price,
            CreatedAt = machine.CreatedAt,
            IsInterrupted = isInterrupted,
        };
    }

    private sealed class Simulated
    {
        public required string Id { get; init; }

        public required MachineRequest Request { get; init; }

        public required decimal Price { get; init; }

        public required DateTimeOffset CreatedAt { get; init; }

        public DateTimeOffset SeenAt { get; init; }

        public DateTimeOffset RunsAt { get; init; }

        public DateTimeOffset? FailsAt { get; set; }

        public DateTimeOffset? IsInterruptedAt { get; set; }

        public DateTimeOffset? EndsAt { get; set; }

        public DateTimeOffset? GoneAt { get; set; }

        public int EndsFailed { get; set; }
    }
}

/// <summary>Three simulated providers: one that ends machines by itself, one that creates once, one that can do nothing by itself.</summary>
internal sealed class SimulatedWorld : ILeaseWorld
{
    private readonly List<SimulatedProvider> _providers;

    public SimulatedWorld(Random random, TimeProvider time)
    {
        var faults = random.Next(4) * 0.15;
        _providers =
        [
            new SimulatedProvider("alpha", random, time, faults, new LeaseAbilities { EndsByItself = true, RentsSpot = true }),
            new SimulatedProvider("beta", random, time, faults, new LeaseAbilities { CreatesOnce = true }),
            new SimulatedProvider("gamma", random, time, faults, new LeaseAbilities { RentsSpot = true }),
        ];
        Offers = [TestOffers.Of("alpha", 1.2m), TestOffers.Of("beta", 0.8m), TestOffers.Of("gamma", 2m, isSpot: true), TestOffers.Of("alpha", 3m, "h100"), TestOffers.Of("gamma", 0.4m, "t4")];
    }

    public IReadOnlyList<ILeaseProvider> Providers => _providers;

    public IReadOnlyList<Sightline.Compute.Offers.Offer> Offers { get; }

    public IEnumerable<WorldMachine> Machines => _providers.SelectMany(provider => provider.All);

    public int FaultCount => _providers.Sum(provider => provider.FaultCount);

    public void Calm() => _providers.ForEach(provider => provider.Faults = 0);
}
