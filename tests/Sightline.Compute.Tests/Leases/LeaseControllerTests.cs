using Sightline.Compute.Leases;
using Xunit;

namespace Sightline.Compute.Tests.Leases;

public sealed class LeaseControllerTests
{
    private static readonly DateTimeOffset _start = new(2026, 11, 24, 12, 0, 0, TimeSpan.Zero);

    private readonly JumpingTime _time = new(_start);
    private readonly MemoryJournal _journal = new();
    private readonly ScriptedProvider _first = new("alpha");
    private readonly ScriptedProvider _second = new("beta");

    [Fact]
    public async Task Lease_writes_the_intent_before_the_call_and_the_machine_after_it()
    {
        IReadOnlyList<LeaseEvent> before = [];
        _first.BeforeCreate = async request => before = await _journal.EventsAsync(request.LeaseId, default);

        var lease = await Controller().LeaseAsync(Order(), default);

        Assert.Equal(["requested", "intent"], before.Select(entry => entry.Kind));
        Assert.Equal(["requested", "intent", "created", "ready"], (await _journal.EventsAsync(lease.Id, default)).Select(entry => entry.Kind));
        Assert.Equal(LeaseState.Ready, lease.State);
        Assert.Equal("alpha-1", lease.Current!.MachineId);
        Assert.Equal($"sightline-{lease.Id}", _first.Requests.Single().Name);
    }

    [Fact]
    public async Task Lease_without_capacity_goes_to_the_next_offer()
    {
        _first.BeforeCreate = _ => throw new LeaseException(LeaseTrouble.Capacity, "alpha has none free");

        var lease = await Controller().LeaseAsync(Order(), default);

        Assert.Equal("beta", lease.Current!.Provider);
        Assert.Equal([AttemptState.Nothing, AttemptState.Alive], lease.Attempts.Select(attempt => attempt.State));
    }

    [Fact]
    public async Task Lease_without_any_capacity_ends_and_lists_what_was_tried()
    {
        _first.BeforeCreate = _ => throw new LeaseException(LeaseTrouble.Capacity, "alpha has none free.");
        _second.BeforeCreate = _ => throw new LeaseException(LeaseTrouble.Quota, "beta allows 0 GPUs.");

        var error = await Assert.ThrowsAsync<LeaseException>(() => Controller().LeaseAsync(Order(), default));

        Assert.Equal("No machine was leased. alpha a100, 1 x " + TestOffers.Of("alpha", 1).Gpu.Id + ", here, 1 USD/h: alpha has none free. beta a100, 1 x " + TestOffers.Of("beta", 1).Gpu.Id + ", here, 2 USD/h: beta allows 0 GPUs.", error.Message);
        Assert.Equal(LeaseState.Ended, (await _journal.ListAsync(false, default)).Single().State);
    }

    [Fact]
    public async Task Lease_without_an_answer_finds_the_machine_by_name_and_creates_no_second()
    {
        _first.AfterCreate = _ => throw new LeaseException(LeaseTrouble.Unanswered, "time-out");

        var lease = await Controller().LeaseAsync(Order(), default);

        Assert.Single(_first.Requests);
        Assert.Empty(_second.Requests);
        Assert.Equal("alpha-1", lease.Current!.MachineId);
    }

    [Fact]
    public async Task Lease_without_an_answer_and_without_a_list_asks_nobody_else()
    {
        _first.BeforeCreate = _ => throw new LeaseException(LeaseTrouble.Unanswered, "time-out");
        _first.BeforeCall = () => throw new LeaseException(LeaseTrouble.Unanswered, "503");

        var error = await Assert.ThrowsAsync<LeaseException>(() => Controller().LeaseAsync(Order(), default));

        Assert.Equal(LeaseTrouble.Unanswered, error.Trouble);
        Assert.Empty(_second.Requests);
        Assert.Equal(LeaseState.Draining, (await _journal.ListAsync(true, default)).Single().State);
    }

    [Fact]
    public async Task Lease_whose_price_rose_is_ended_and_the_next_offer_taken()
    {
        _first.Make = request => new Machine { Id = "dear", Name = request.Name, Provider = "alpha", State = MachineState.Running, SshHost = "h", PricePerHourUsd = 1.06m };

        var lease = await Controller().LeaseAsync(Order(), default);

        Assert.Equal(["dear"], _first.Ends);
        Assert.Equal("beta", lease.Current!.Provider);
    }

    [Fact]
    public async Task Lease_that_failed_after_create_ends_what_exists()
    {
        _first.AfterCreate = machine => throw new LeaseException(LeaseTrouble.FailedAfterCreate, "bid too low", machine.Id);

        var lease = await Controller().LeaseAsync(Order(), default);

        Assert.Equal(["alpha-1"], _first.Ends);
        Assert.Equal("beta", lease.Current!.Provider);
    }

    [Fact]
    public async Task Lease_of_a_machine_that_never_starts_goes_to_the_next_offer()
    {
        _first.Make = request => new Machine { Id = "slow", Name = request.Name, Provider = "alpha", State = MachineState.Creating };

        var lease = await Controller().LeaseAsync(Order(), default);

        Assert.Equal(["slow"], _first.Ends);
        Assert.Equal("it was not ready within 15 minutes", lease.Attempts[0].Message);
        Assert.Equal("beta", lease.Current!.Provider);
    }

    [Fact]
    public async Task Tick_ends_a_machine_that_nobody_waits_for_and_that_never_starts()
    {
        _first.Make = request => new Machine { Id = "slow", Name = request.Name, Provider = "alpha", State = MachineState.Creating };
        var controller = Controller();
        var lease = await controller.LeaseAsync(Order() with { WaitsForReady = false }, default);

        await PassAsync(controller, TimeSpan.FromMinutes(19));
        var before = await controller.FindAsync(lease.Id, default);
        await PassAsync(controller, TimeSpan.FromMinutes(3));
        var after = await controller.FindAsync(lease.Id, default);

        Assert.Equal(LeaseState.Creating, before.State);
        Assert.Equal((LeaseState.Ended, "it was not ready within 20 minutes"), (after.State, after.Reason));
    }

    [Fact]
    public async Task Lease_of_a_provider_that_is_not_set_up_names_it_once()
    {
        var offers = new[] { TestOffers.Of("gamma", 1m), TestOffers.Of("gamma", 2m, "b"), TestOffers.Of("gamma", 3m, "c") };

        var error = await Assert.ThrowsAsync<LeaseException>(() => Controller().LeaseAsync(Order() with { Offers = offers }, default));

        Assert.Equal(LeaseTrouble.Credentials, error.Trouble);
        Assert.Equal($"No machine was leased. gamma a100, 1 x {offers[0].Gpu.Id}, here, 1 USD/h: the provider 'gamma' is not set up; docs/leases.md says how.", error.Message);
    }

    [Fact]
    public async Task Lease_whose_limits_pay_for_nothing_says_so_as_a_limit()
    {
        var error = await Assert.ThrowsAsync<ComputeException>(() => Controller().LeaseAsync(Order() with { Limits = new LeaseLimits { MaxCostUsd = 0.05m, MaxTime = TimeSpan.FromHours(1) } }, default));

        Assert.Equal(ComputeTrouble.LimitReached, error.Trouble);
        Assert.Empty(_first.Requests);
        Assert.Contains("the limits leave 3 minutes; less than 10 is not worth a machine", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Lease_that_the_user_stops_ends_the_machine()
    {
        using var stop = new CancellationTokenSource();
        _first.Make = request => new Machine { Id = "m", Name = request.Name, Provider = "alpha", State = MachineState.Creating };
        _first.AfterCreate = _ => stop.Cancel();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Controller().LeaseAsync(Order(), stop.Token));

        Assert.Equal(["m"], _first.Ends);
        Assert.Equal("the request was stopped", (await _journal.ListAsync(false, default)).Single().Reason);
    }

    [Fact]
    public async Task Tick_at_the_cost_limit_drains_then_ends()
    {
        var controller = Controller();
        var lease = await controller.LeaseAsync(Order(), default); // 3 USD at 1 USD per hour.

        await PassAsync(controller, TimeSpan.FromMinutes(177.5));
        var before = await controller.FindAsync(lease.Id, default);
        await PassAsync(controller, TimeSpan.FromMinutes(1));
        var draining = await controller.FindAsync(lease.Id, default);
        await PassAsync(controller, TimeSpan.FromMinutes(2.5));
        var ended = await controller.FindAsync(lease.Id, default);

        Assert.Equal(LeaseState.Ready, before.State);
        Assert.True(before.IsBudgetWarned);
        Assert.Equal(LeaseState.Draining, draining.State);
        Assert.Equal(LeaseState.Ended, ended.State);
        Assert.Equal("its limit is reached at 2026-11-24 15:00:00Z (3 USD, 8 hours)", ended.Reason);
        Assert.InRange(LeaseCost.SoFarUsd(ended, _time.GetUtcNow()), 2.9m, 3.02m);
    }

    [Fact]
    public async Task Tick_with_reports_of_idleness_warns_at_ten_minutes_and_ends_at_twenty()
    {
        var controller = Controller();
        var lease = await controller.LeaseAsync(Order(), default);

        await PassAsync(controller, TimeSpan.FromMinutes(11), () => controller.NoteActivityAsync(lease.Id, false, default));
        var warned = await controller.FindAsync(lease.Id, default);
        await PassAsync(controller, TimeSpan.FromMinutes(10), () => controller.NoteActivityAsync(lease.Id, false, default));

        Assert.True(warned.IsIdleWarned);
        Assert.Equal(LeaseState.Ready, warned.State);
        Assert.Equal(LeaseState.Ended, (await controller.FindAsync(lease.Id, default)).State);
    }

    [Fact]
    public async Task Tick_without_reports_knows_nothing_of_idleness()
    {
        var controller = Controller();
        var lease = await controller.LeaseAsync(Order(), default);

        await PassAsync(controller, TimeSpan.FromMinutes(60));

        Assert.Equal(LeaseState.Ready, (await controller.FindAsync(lease.Id, default)).State);
    }

    [Fact]
    public async Task Tick_with_work_makes_it_running_and_puts_the_idle_stop_off()
    {
        var controller = Controller();
        var lease = await controller.LeaseAsync(Order(), default);

        await PassAsync(controller, TimeSpan.FromMinutes(60), () => controller.NoteActivityAsync(lease.Id, true, default));

        Assert.Equal(LeaseState.Running, (await controller.FindAsync(lease.Id, default)).State);
    }

    [Fact]
    public async Task End_is_believed_only_when_the_provider_says_gone()
    {
        var controller = Controller();
        var lease = await controller.LeaseAsync(Order(), default);
        _first.EndsAtOnce = false;

        var asked = await controller.EndAsync(lease.Id, TimeSpan.FromMinutes(5), default);
        var ends = _first.Ends.Count;
        _first.Machines.Clear();
        var ended = await controller.EndAsync(lease.Id, TimeSpan.FromMinutes(5), default);

        Assert.Equal(LeaseState.Draining, asked.State);
        Assert.InRange(ends, 2, 4); // Every two minutes.
        Assert.Equal(LeaseState.Ended, ended.State);
    }

    [Fact]
    public async Task Tick_on_a_machine_that_vanished_says_lost()
    {
        var controller = Controller();
        var lease = await controller.LeaseAsync(Order(), default);
        _first.Machines.Clear();

        await PassAsync(controller, TimeSpan.FromMinutes(4));
        var lost = await controller.FindAsync(lease.Id, default);

        Assert.Equal(LeaseState.Lost, lost.State);
        Assert.False(lost.IsOpen);
    }

    [Fact]
    public async Task Tick_on_an_interrupted_machine_ends_it_and_says_so()
    {
        var controller = Controller();
        var lease = await controller.LeaseAsync(Order(), default);
        _first.Machines[0] = _first.Machines[0] with { IsInterrupted = true, State = MachineState.Stopped };

        await PassAsync(controller, TimeSpan.FromMinutes(4));
        var ended = await controller.FindAsync(lease.Id, default);

        Assert.Equal((LeaseState.Ended, true, "the provider took the machine back"), (ended.State, ended.IsInterrupted, ended.Reason));
    }

    [Fact]
    public async Task Tick_with_a_provider_that_fails_slows_down_and_tells_the_user_once()
    {
        var controller = Controller();
        var lease = await controller.LeaseAsync(Order(), default);
        var calls = 0;
        _first.BeforeCall = () =>
        {
            calls++;
            throw new LeaseException(LeaseTrouble.Unanswered, "503.");
        };

        await PassAsync(controller, TimeSpan.FromMinutes(60));
        var told = await controller.FindAsync(lease.Id, default);

        Assert.Equal($"The provider failed 8 times in a row (503.). A machine may be billed: look at the provider's console, then run: sightline gpu end {lease.Id}", told.ForUser);
        Assert.Single(await _journal.EventsAsync(lease.Id, default), entry => entry.Kind == "told");
        Assert.InRange(calls, 8, 60); // One list every five minutes, and the look-ups; not 120 rounds.
    }

    [Fact]
    public async Task Tick_with_a_provider_that_fails_still_asks_for_the_end_at_the_limit()
    {
        var controller = Controller();
        var lease = await controller.LeaseAsync(Order(), default);
        var isDown = true;
        _first.BeforeCall = () => _ = isDown ? throw new LeaseException(LeaseTrouble.Unanswered, "503.") : 0;

        await PassAsync(controller, TimeSpan.FromHours(3.5));
        isDown = false;
        await PassAsync(controller, TimeSpan.FromMinutes(12));

        Assert.Equal(LeaseState.Ended, (await controller.FindAsync(lease.Id, default)).State);
    }

    [Fact]
    public async Task Reconcile_ends_a_machine_without_an_entry_after_its_notice()
    {
        var own = await _journal.InstallationAsync(default);
        _first.Machines.Add(new Machine { Id = "stray", Name = $"sightline-{own}-lostrow", Provider = "alpha", State = MachineState.Running });
        var controller = Controller();

        var report = await controller.ReconcileAsync(default);
        await PassAsync(controller, TimeSpan.FromMinutes(9));
        var ends = _first.Ends.Count;
        await PassAsync(controller, TimeSpan.FromMinutes(4));

        Assert.Equal("stray", report.Strays.Single().Id);
        Assert.Equal(0, ends);
        Assert.Equal(["stray"], _first.Ends);
        Assert.Equal(LeaseState.Ended, (await controller.FindAsync($"{own}-lostrow", default)).State);
    }

    [Fact]
    public async Task Reconcile_leaves_the_machine_of_another_installation_alone()
    {
        _first.Machines.Add(new Machine { Id = "theirs", Name = "sightline-other1-abcdefgh", Provider = "alpha", State = MachineState.Running });
        var controller = Controller();

        var report = await controller.ReconcileAsync(default);
        await PassAsync(controller, TimeSpan.FromHours(1));

        Assert.Equal("theirs", report.Foreign.Single().Id);
        Assert.Empty(_first.Ends);
    }

    [Fact]
    public async Task Reconcile_after_a_kill_in_create_takes_the_machine_over()
    {
        var kill = new KillSwitch(7); // Installation, add (2 awaits), intent (2), create: before, and here after its effect.
        var dying = new LeaseController(new KillableJournal(_journal, kill), [new KillableProvider(_first, kill)], _time);
        await Assert.ThrowsAsync<KilledException>(() => dying.LeaseAsync(Order(), default));
        _time.Advance(TimeSpan.FromMinutes(6));

        var report = await Controller().ReconcileAsync(default);

        Assert.Equal("alpha-1", report.Adopted.Single().Id);
        Assert.Equal((LeaseState.Ready, "alpha-1"), ((await _journal.ListAsync(true, default)).Single() is var lease ? (lease.State, lease.Current!.MachineId) : default));
    }

    [Fact]
    public async Task Two_controllers_never_act_on_one_lease_at_once()
    {
        var lease = await Controller().LeaseAsync(Order(), default);
        var now = _time.GetUtcNow();
        var sleeper = await _journal.HoldAsync(lease.Id, "sleeper", now, now + TimeSpan.FromMinutes(5), _ => false, default);

        var early = await _journal.HoldAsync(lease.Id, "other", now + TimeSpan.FromMinutes(4), now + TimeSpan.FromMinutes(9), _ => false, default);
        var late = await _journal.HoldAsync(lease.Id, "other", now + TimeSpan.FromMinutes(6), now + TimeSpan.FromMinutes(11), _ => false, default);
        var woken = await _journal.WriteAsync(sleeper!.Lease with { Purpose = "mine" }, sleeper.Epoch, now + TimeSpan.FromMinutes(12), [], default);

        Assert.Null(early);
        Assert.NotNull(late);
        Assert.False(woken);
    }

    [Fact]
    public async Task Extend_moves_the_end()
    {
        var controller = Controller();
        var lease = await controller.LeaseAsync(Order(), default);

        var extended = await controller.ExtendAsync(lease.Id, null, 6m, default);

        Assert.Equal(_start.AddHours(6), LeaseCost.EndBy(extended, _time.GetUtcNow()));
    }

    [Fact]
    public async Task Extend_beyond_the_provider_s_own_end_says_why_not()
    {
        var provider = new ScriptedProvider("alpha") { Abilities = new LeaseAbilities { EndsByItself = true } };
        var controller = new LeaseController(_journal, [provider], _time);
        var lease = await controller.LeaseAsync(Order(), default);

        var error = await Assert.ThrowsAsync<ComputeException>(() => controller.ExtendAsync(lease.Id, null, 6m, default));

        Assert.Equal("alpha itself ends this machine at 2026-11-24 14:51:25Z; that was set when it was made and cannot be moved. Lease a new machine, and let the run go on there.", error.Message);
    }

    [Fact]
    public async Task Find_unknown_names_the_open_ones()
    {
        var lease = await Controller().LeaseAsync(Order(), default);

        var error = await Assert.ThrowsAsync<ComputeException>(() => Controller().EndAsync("nothing", TimeSpan.Zero, default));

        Assert.Equal($"There is no lease 'nothing'. Open: {lease.Id}. 'sightline gpu leases --all' shows all.", error.Message);
    }

    private LeaseController Controller() => new(_journal, [_first, _second], _time);

    private static LeaseOrder Order() => new()
    {
        Offers = [TestOffers.Of("alpha", 1m), TestOffers.Of("beta", 2m)],
        Limits = new LeaseLimits { MaxCostUsd = 3m, MaxTime = TimeSpan.FromHours(8) },
    };

    private async Task PassAsync(LeaseController controller, TimeSpan span, Func<Task>? each = null)
    {
        var until = _time.GetUtcNow() + span;
        while (_time.GetUtcNow() < until)
        {
            _time.Advance(TimeSpan.FromSeconds(30));
            await (each?.Invoke() ?? Task.CompletedTask);
            await controller.TickAsync(default);
        }
    }
}
