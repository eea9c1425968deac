namespace Sightline.Compute.Tests.Fakes;

/// <summary>What can go wrong with one request.</summary>
internal enum Fault
{
    None,
    /// <summary>429 with Retry-After; nothing is done.</summary>
    TooMany,
    /// <summary>5xx; nothing is done.</summary>
    ServerError,
    /// <summary>It is done, and the answer is 5xx.</summary>
    ServerErrorAfter,
    /// <summary>The connection breaks; nothing is done.</summary>
    LostBefore,
    /// <summary>It is done, and the connection breaks.</summary>
    LostAfter,
    /// <summary>It is done, and no answer ever comes.</summary>
    HangAfter,
    /// <summary>A create only: nothing is free.</summary>
    Capacity,
    /// <summary>A create only: the account's quota is used up.</summary>
    Quota,
    /// <summary>A create only: the request fails and leaves a machine.</summary>
    FailedAfterCreate,
    /// <summary>A create only: the price rose since the search.</summary>
    PriceRise,
}

/// <summary>What becomes of a machine.</summary>
internal sealed record Fate
{
    public TimeSpan Start { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long a deletion takes.</summary>
    public TimeSpan Delete { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>It never runs.</summary>
    public bool Fails { get; init; }

    /// <summary>After this it is gone without a word; null: never.</summary>
    public TimeSpan? Vanishes { get; init; }

    /// <summary>After this a spot machine is taken back; null: never.</summary>
    public TimeSpan? Interrupted { get; init; }
}

/// <summary>Faults by chance, or one by one by a script. The same generator and the same requests give the same faults.</summary>
internal sealed class FaultPlan(Random? random = null, double rate = 0)
{
    private static readonly Fault[] _any = [Fault.TooMany, Fault.ServerError, Fault.ServerErrorAfter, Fault.LostBefore, Fault.LostAfter]; // A hang is for tests with a clock that lets time-outs strike.
    private static readonly Fault[] _create = [.. _any, Fault.Capacity, Fault.Quota, Fault.FailedAfterCreate, Fault.PriceRise];
    private readonly Random _random = random ?? new Random(0);

    /// <summary>Faults of the next requests, before any drawn one.</summary>
    public Queue<Fault> Next { get; } = new();

    /// <summary>Faults of the next creates.</summary>
    public Queue<Fault> NextCreate { get; } = new();

    /// <summary>Fate of the next machines.</summary>
    public Queue<Fate> NextFate { get; } = new();

    /// <summary>Whether faults are still drawn; set to false to let a schedule come to rest.</summary>
    public bool IsActive { get; set; } = true;

    public Fault Draw(bool isCreate)
    {
        if (isCreate && NextCreate.TryDequeue(out var fault) || !isCreate && Next.TryDequeue(out fault))
        {
            return fault;
        }

        var faults = isCreate ? _create : _any;
        return IsActive && rate > 0 && _random.NextDouble() < (isCreate ? Math.Min(0.6, 3 * rate) : rate) ? faults[_random.Next(faults.Length)] : Fault.None;
    }

    public Fate DrawFate(bool isSpot) => NextFate.TryDequeue(out var fate) ? fate : rate == 0 || !IsActive ? new Fate() : new Fate
    {
        Start = TimeSpan.FromSeconds(_random.Next(1, 120)),
        Delete = TimeSpan.FromSeconds(_random.NextDouble() < 0.2 ? _random.Next(60, 300) : _random.Next(0, 20)),
        Fails = _random.NextDouble() < rate,
        Vanishes = _random.NextDouble() < rate ? TimeSpan.FromSeconds(_random.Next(1, 7200)) : null,
        Interrupted = isSpot && _random.NextDouble() < 0.3 ? TimeSpan.FromSeconds(_random.Next(1, 7200)) : null,
    };
}
