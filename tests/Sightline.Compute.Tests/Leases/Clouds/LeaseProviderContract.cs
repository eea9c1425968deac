using Microsoft.Extensions.Time.Testing;
using Sightline.Compute.Gpus;
using Sightline.Compute.Leases;
using Sightline.Compute.Offers;
using Sightline.Compute.Tests.Fakes;
using Xunit;

namespace Sightline.Compute.Tests.Leases.Clouds;

/// <summary>What holds for every cloud that machines are leased from; inherited by one class each.</summary>
public abstract class LeaseProviderContract
{
    private const string PublicKey = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAILXGDN/SclOozk1xsDztpmhGiKkkrfQB9SKoO8dSIQQZ lease";
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 11, 24, 12, 0, 0, TimeSpan.Zero));

    internal FaultPlan Faults { get; } = new();

    /// <summary>The provider's fake.</summary>
    internal abstract FakeCloud Fake(TimeProvider time, FaultPlan faults);

    /// <summary>An offer of it.</summary>
    internal abstract Offer Offer { get; }

    /// <summary>Whether the fake's list lags or the price is the provider's own business; where it cannot say a price, none is compared.</summary>
    protected virtual bool TellsPrice => true;

    internal static Offer Make(string provider, string instance, string gpu, string region, decimal price, bool isSpot = false) => new()
    {
        Provider = provider, Instance = instance, Gpu = GpuCatalog.Find(gpu), GpuCount = 1, Region = region, PricePerHourUsd = price, IsSpot = isSpot, Source = "test",
    };

    internal MachineRequest Request(string lease = "lease-1", decimal? most = null, Offer? offer = null) => new()
    {
        LeaseId = lease, Offer = offer ?? Offer, DiskGib = 50, Image = "", SshPublicKey = PublicKey, StartScript = "#!/bin/sh\necho token-of-this-run\n",
        EndBy = _time.GetUtcNow().AddHours(3), MaxPricePerHourUsd = most ?? (offer ?? Offer).PricePerHourUsd * 1.05m,
    };

    private (FakeCloud Fake, ILeaseProvider Provider) Start()
    {
        var fake = Fake(_time, Faults);
        return (fake, fake.Provider(fake.Access()));
    }

    /// <summary>Waits for a task while the clock runs.</summary>
    internal async Task<T> RunAsync<T>(Task<T> task)
    {
        for (var seconds = 0; !task.IsCompleted; seconds++)
        {
            Assert.True(seconds < 3600, "It takes more than an hour.");
            _time.Advance(TimeSpan.FromSeconds(1));
            await Task.Yield();
            await Task.Delay(seconds < 300 ? 0 : 5); // An SDK may go on in a thread of its own.
        }

        return await task;
    }

    private Task RunAsync(Task task) => RunAsync(WaitAsync(task));

    private static async Task<bool> WaitAsync(Task task)
    {
        await task;
        return true;
    }

    private Task<Machine> CreateAsync(ILeaseProvider provider, MachineRequest? request = null) => RunAsync(provider.CreateAsync(request ?? Request(), default));

    private Task<LeaseException> FailAsync(ILeaseProvider provider, MachineRequest? request = null) => Assert.ThrowsAsync<LeaseException>(() => CreateAsync(provider, request));

    [Fact]
    public async Task A_machine_is_made_seen_and_ended()
    {
        var (fake, provider) = Start();

        var made = await CreateAsync(provider);
        _time.Advance(TimeSpan.FromMinutes(5));
        var listed = Assert.Single(await RunAsync(provider.ListAsync(default)));
        var found = await RunAsync(provider.FindAsync(made.Id, default));
        await RunAsync(provider.EndAsync(made.Id, default));
        _time.Advance(TimeSpan.FromMinutes(5));

        Assert.Equal((made.Id, "sightline-lease-1", provider.Id, MachineState.Running), (listed.Id, listed.Name, listed.Provider, listed.State));
        Assert.Equal((made.Id, "sightline-lease-1", MachineState.Running), (found!.Id, found.Name, found.State));
        Assert.NotEmpty(found.SshHost);
        Assert.InRange(found.SshPort, 1, 65535);
        Assert.Equal(found.SshUser, listed.SshUser);
        Assert.Null(await RunAsync(provider.FindAsync(made.Id, default)));
        Assert.Empty(await RunAsync(provider.ListAsync(default)));
        Assert.Empty(fake.Alive);
    }

    [Fact]
    public async Task The_request_carries_the_name_the_key_and_the_script()
    {
        var (fake, provider) = Start();

        await CreateAsync(provider);

        var machine = Assert.Single(fake.Machines);
        Assert.Equal("sightline-lease-1", machine.Name);
        Assert.All(["AAAAC3NzaC1lZDI1NTE5", "token-of-this-run"], text => Assert.Contains(fake.Requests, request => Decoded(request.Asked.Body).Contains(text, StringComparison.Ordinal) || Decoded(machine.Request).Contains(text, StringComparison.Ordinal)));
    }

    // Bodies carry scripts as they are or as base64, possibly escaped.
    private static string Decoded(string body)
    {
        var text = body.Replace("\\u002B", "+", StringComparison.Ordinal).Replace("\\u002F", "/", StringComparison.Ordinal);
        text = Uri.UnescapeDataString(text.Replace("+", "%2B", StringComparison.Ordinal));
        return text + string.Concat(System.Text.RegularExpressions.Regex.Matches(text, "[A-Za-z0-9+/]{40,}={0,2}").Select(match =>
        {
            try
            {
                return System.Text.Encoding.UTF8.GetString(Convert.FromBase64String(match.Value));
            }
            catch (FormatException)
            {
                return "";
            }
        }));
    }

    [Fact]
    public async Task An_end_that_is_asked_twice_is_silent()
    {
        var (_, provider) = Start();
        Faults.NextFate.Enqueue(new Fate { Delete = TimeSpan.FromMinutes(15) });
        var made = await CreateAsync(provider);

        await RunAsync(provider.EndAsync(made.Id, default));
        await RunAsync(provider.EndAsync(made.Id, default));
        var ending = await RunAsync(provider.FindAsync(made.Id, default));
        _time.Advance(TimeSpan.FromHours(1));
        await RunAsync(provider.EndAsync(made.Id, default));

        Assert.NotNull(ending); // A slow deletion: it is there until the provider says that it is gone.
        Assert.Null(await RunAsync(provider.FindAsync(made.Id, default)));
    }

    [Fact]
    public async Task All_pages_of_the_list_are_read_and_foreign_machines_left_out()
    {
        var (fake, provider) = Start();
        for (var i = 1; i <= 5; i++)
        {
            await CreateAsync(provider, Request($"lease-{i}"));
            _time.Advance(TimeSpan.FromSeconds(15));
        }

        var listed = await RunAsync(provider.ListAsync(default));

        Assert.Equal(fake.Machines.Select(machine => machine.Name).Order(), listed.Select(machine => machine.Name).Order());
    }

    [Fact]
    public async Task Nothing_free_is_a_trouble_of_capacity_and_leaves_nothing()
    {
        var (fake, provider) = Start();
        for (var i = 0; i < 4; i++)
        {
            Faults.NextCreate.Enqueue(Fault.Capacity);
        }

        var error = await FailAsync(provider);

        Assert.Equal(LeaseTrouble.Capacity, error.Trouble);
        Assert.Empty(fake.Alive);
        Assert.Empty(await RunAsync(provider.ListAsync(default)));
    }

    [Fact]
    public async Task An_exhausted_quota_is_told_apart()
    {
        var (fake, provider) = Start();
        Faults.NextCreate.Enqueue(Fault.Quota);

        var error = await FailAsync(provider);

        Assert.Equal(LeaseTrouble.Quota, error.Trouble);
        Assert.Empty(fake.Alive);
    }

    [Fact]
    public async Task A_price_that_rose_before_the_create_rents_nothing()
    {
        var (fake, provider) = Start();
        fake.PriceRises = 3;
        if (!TellsPrice)
        {
            return;
        }

        var error = await FailAsync(provider);

        Assert.Equal(LeaseTrouble.PriceRose, error.Trouble);
        Assert.Empty(fake.Machines);
        Assert.Contains("USD per hour", error.Message);
    }

    [Fact]
    public async Task A_price_that_rose_with_the_create_is_seen()
    {
        var (_, provider) = Start();
        Faults.NextCreate.Enqueue(Fault.PriceRise);
        if (!TellsPrice)
        {
            return;
        }

        Machine? made = null;
        LeaseException? error = null;
        try
        {
            made = await CreateAsync(provider);
        }
        catch (LeaseException caught)
        {
            error = caught;
        }

        // Either the create says so and names the machine, or the machine shows its price.
        var price = made is null ? null : (await RunAsync(provider.FindAsync(made.Id, default)))!.PricePerHourUsd;
        Assert.True(error is { Trouble: LeaseTrouble.FailedAfterCreate, MachineId: not null } || price > Offer.PricePerHourUsd * 1.05m);
    }

    [Fact]
    public async Task A_create_that_failed_and_left_a_machine_names_it_or_leaves_a_failed_one()
    {
        var (fake, provider) = Start();
        Faults.NextCreate.Enqueue(Fault.FailedAfterCreate);

        string? id = null;
        try
        {
            id = (await CreateAsync(provider)).Id;
            _time.Advance(TimeSpan.FromMinutes(5));
            var seen = await RunAsync(provider.FindAsync(id, default));
            Assert.True(seen is null or { State: MachineState.Failed or MachineState.Stopped }, $"It is {seen?.State}.");
        }
        catch (LeaseException error)
        {
            Assert.True(error.Trouble is LeaseTrouble.FailedAfterCreate || !fake.Alive.Any(), $"{error.Trouble}, and a machine is alive.");
            id = error.MachineId;
        }

        if (id is not null)
        {
            await RunAsync(provider.EndAsync(id, default));
        }

        _time.Advance(TimeSpan.FromHours(1));
        Assert.Empty(fake.Alive);
    }

    [Theory]
    [InlineData("LostAfter")]
    [InlineData("HangAfter")]
    [InlineData("ServerErrorAfter")]
    public async Task A_create_without_an_answer_is_sent_once_and_found_by_its_name(string fault)
    {
        var (fake, provider) = Start();
        Faults.NextCreate.Enqueue(Enum.Parse<Fault>(fault));

        var error = await FailAsync(provider);
        var listed = Assert.Single(await RunAsync(provider.ListAsync(default)));

        Assert.Equal(LeaseTrouble.Unanswered, error.Trouble);
        Assert.Equal("sightline-lease-1", listed.Name);
        Assert.Single(fake.Machines);
        await RunAsync(provider.EndAsync(listed.Id, default));
        _time.Advance(TimeSpan.FromHours(1));
        Assert.Empty(fake.Alive);
    }

    [Theory]
    [InlineData("LostBefore")]
    [InlineData("ServerError")]
    public async Task A_create_that_may_have_been_done_is_not_sent_again(string fault)
    {
        var (fake, provider) = Start();
        Faults.NextCreate.Enqueue(Enum.Parse<Fault>(fault));

        var error = await FailAsync(provider);

        Assert.Equal(LeaseTrouble.Unanswered, error.Trouble);
        Assert.DoesNotContain(fake.Machines, machine => machine.Request.Length > 0); // An empty resource group is none yet.
    }

    [Fact]
    public async Task A_provider_that_promises_it_makes_one_machine_of_two_creates()
    {
        var (fake, provider) = Start();
        if (!provider.Abilities.CreatesOnce)
        {
            return;
        }

        var first = await CreateAsync(provider);
        var second = await CreateAsync(provider);

        Assert.Equal(first.Id, second.Id);
        Assert.Single(fake.Machines);
    }

    [Fact]
    public async Task Too_many_requests_are_waited_for_also_by_a_create()
    {
        var (fake, provider) = Start();
        Faults.NextCreate.Enqueue(Fault.TooMany);
        Faults.NextCreate.Enqueue(Fault.TooMany);
        var start = _time.GetUtcNow();

        await CreateAsync(provider);

        Assert.Single(fake.Machines);
        Assert.True(_time.GetUtcNow() - start >= TimeSpan.FromSeconds(4), "Retry-After of 2 s was not obeyed twice.");
    }

    [Theory]
    [InlineData("TooMany")]
    [InlineData("ServerError")]
    [InlineData("LostBefore")]
    [InlineData("LostAfter")]
    [InlineData("HangAfter")]
    public async Task Safe_calls_are_tried_again(string fault)
    {
        var (fake, provider) = Start();
        var made = await CreateAsync(provider);
        var trouble = Enum.Parse<Fault>(fault);

        Faults.Next.Enqueue(trouble);
        var listed = await RunAsync(provider.ListAsync(default));
        Faults.Next.Enqueue(trouble);
        var found = await RunAsync(provider.FindAsync(made.Id, default));
        Faults.Next.Enqueue(trouble);
        await RunAsync(provider.EndAsync(made.Id, default));
        _time.Advance(TimeSpan.FromHours(1));

        Assert.Single(listed);
        Assert.NotNull(found);
        Assert.Empty(fake.Alive);
    }

    [Fact]
    public async Task A_provider_that_does_not_answer_says_nothing_of_a_machine()
    {
        var (_, provider) = Start();
        var made = await CreateAsync(provider);
        for (var i = 0; i < 20; i++)
        {
            Faults.Next.Enqueue(Fault.ServerError);
        }

        var error = await Assert.ThrowsAsync<LeaseException>(() => RunAsync(provider.FindAsync(made.Id, default)));

        Assert.Equal(LeaseTrouble.Unanswered, error.Trouble);
    }

    [Fact]
    public async Task A_machine_that_vanished_is_not_found()
    {
        var (_, provider) = Start();
        Faults.NextFate.Enqueue(new Fate { Vanishes = TimeSpan.FromMinutes(3) });
        var made = await CreateAsync(provider);
        _time.Advance(TimeSpan.FromMinutes(10));

        Assert.Null(await RunAsync(provider.FindAsync(made.Id, default)));
        Assert.Empty(await RunAsync(provider.ListAsync(default)));
    }

    [Fact]
    public async Task An_interrupted_spot_machine_is_seen()
    {
        var (_, provider) = Start();
        if (!provider.Abilities.RentsSpot)
        {
            Assert.Equal(LeaseTrouble.Refused, (await FailAsync(provider, Request(offer: Offer with { IsSpot = true }))).Trouble);
            return;
        }

        Faults.NextFate.Enqueue(new Fate { Interrupted = TimeSpan.FromMinutes(3) });
        var made = await CreateAsync(provider, Request(offer: Offer with { IsSpot = true }));
        _time.Advance(TimeSpan.FromMinutes(10));
        var found = await RunAsync(provider.FindAsync(made.Id, default));

        Assert.True(found is null or { IsInterrupted: true }, $"It is {found?.State}.");
    }

    [Fact]
    public async Task The_provider_ends_it_where_it_promises_to()
    {
        var (fake, provider) = Start();
        await CreateAsync(provider);
        _time.Advance(TimeSpan.FromHours(3) + TimeSpan.FromMinutes(1));

        Assert.Equal(provider.Abilities.EndsByItself, !fake.Alive.Any());
    }

    [Fact]
    public async Task A_wrong_key_is_told_and_not_shown()
    {
        var fake = Fake(_time, Faults);
        var provider = fake.Provider(fake.Access(fake.WrongSettings));

        var errors = new[]
        {
            await FailAsync(provider),
            await Assert.ThrowsAsync<LeaseException>(() => RunAsync(provider.ListAsync(default))),
        };

        Assert.All(errors, error => Assert.Equal(LeaseTrouble.Credentials, error.Trouble));
        Assert.All(errors, error => Assert.DoesNotContain(FakeCloud.Key, error.ToString()));
        Assert.All(errors, error => Assert.DoesNotContain("PRIVATE KEY", error.ToString()));
    }

    [Fact]
    public async Task A_missing_key_is_named()
    {
        var fake = Fake(_time, Faults);
        var provider = fake.Provider(fake.Access(new Dictionary<string, string>()));

        var error = await FailAsync(provider);

        Assert.Equal(LeaseTrouble.Credentials, error.Trouble);
        Assert.Contains("not set", error.Message.Replace("needs the key file", "not set", StringComparison.Ordinal));
        Assert.Empty(fake.Requests);
    }

    [Fact]
    public async Task Secrets_stand_in_no_address_and_in_no_body_but_the_one_for_a_token()
    {
        var (fake, provider) = Start();
        var made = await CreateAsync(provider);
        await RunAsync(provider.ListAsync(default));
        await RunAsync(provider.EndAsync(made.Id, default));

        Assert.All(fake.Requests, request => Assert.DoesNotContain(FakeCloud.Key, request.Address.AbsoluteUri));
        Assert.All(fake.Requests.Where(request => request.Asked.Path != "/token"), request => Assert.DoesNotContain(FakeCloud.Key, request.Asked.Body));
        Assert.All(fake.Requests, request => Assert.DoesNotContain("PRIVATE KEY", request.Asked.Body));
    }
}
