using System.Globalization;

namespace Sightline.Compute.Leases;

/// <summary>
/// Leases machines and makes sure that each one ends. The only code that asks providers to create or end; what it is about to do is in the
/// journal before, so that any later start of the program finds every machine.
/// </summary>
/// <remarks>
/// Several controllers may work on one journal, in one process or many: a lease is acted on by its holder alone, and a holder that fell asleep
/// cannot write any more once another has taken over. Nothing runs by itself: someone calls <see cref="TickAsync"/> every half minute while
/// leases are open, and <see cref="ReconcileAsync"/> at each start.
/// </remarks>
/// <param name="journal">Where leases are written down.</param>
/// <param name="providers">The backends that are set up. A missing one makes its machines invisible, so pass all.</param>
/// <param name="time">Clock of limits and waits.</param>
internal sealed class LeaseController(ILeaseJournal journal, IReadOnlyList<ILeaseProvider> providers, TimeProvider time)
{
    private static readonly TimeSpan _relist = TimeSpan.FromMinutes(5);

    private readonly ProviderLists _lists = new(providers);
    private DateTimeOffset _listedAt = DateTimeOffset.MinValue;

    /// <summary>Waits and bounds.</summary>
    public LeaseTimes Times { get; init; } = new();

    /// <summary>Told what happens while a call waits; no secrets. Default: nobody.</summary>
    public Action<string> Say { get; init; } = _ => { };

    /// <summary>Makes ids; tests give their own.</summary>
    public Func<int, string> NewId { get; init; } = LeaseJournal.NewId;

    // Per controller, not per process: two of one process must not act on one lease either.
    private string Holder => field ??= LeaseHolder.Name(NewId(8));

    /// <summary>Leases a machine: tries the offers in turn until one is ready.</summary>
    /// <param name="order">What, and within which limits.</param>
    /// <param name="cancellationToken">Stops it; a machine that was asked for is ended.</param>
    /// <returns>The lease: ready, or creating where <see cref="LeaseOrder.WaitsForReady"/> is false.</returns>
    /// <exception cref="ComputeException">The order is wrong (usage), a limit is reached, or (<see cref="LeaseException"/>) no machine could be leased. Whatever was rented until then is ended.</exception>
    public async Task<Lease> LeaseAsync(LeaseOrder order, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(order);
        if (order.Check().ToList() is { Count: > 0 } problems)
        {
            throw new ComputeException(ComputeTrouble.Usage, string.Join(Environment.NewLine, problems));
        }

        var now = time.GetUtcNow();
        var lease = new Lease
        {
            Id = $"{await journal.InstallationAsync(cancellationToken).ConfigureAwait(false)}-{NewId(8)}",
            State = LeaseState.Requested,
            RequestedAt = now,
            Limits = order.Limits,
            Purpose = order.Purpose,
        };
        var first = new LeaseEvent(lease.Id, 1, now, "requested", string.Create(CultureInfo.InvariantCulture, $"At most {order.Limits.MaxCostUsd} USD and {order.Limits.MaxTime.TotalHours:0.##} hours, of {order.Offers.Count} offers"));
        var held = Held(await journal.AddAsync(lease, Holder, now + Times.Hold, first, cancellationToken).ConfigureAwait(false));
        try
        {
            return await new LeaseSearch(order, held, _lists, time, Times, Say).RunAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (Exception error) when (error is not FencedException)
        {
            await AbandonAsync(held, Step(), error).ConfigureAwait(false);
            throw;
        }
        finally
        {
            await held.ReleaseAsync().ConfigureAwait(false);
        }
    }

    /// <summary>
    /// Reads every provider's list and brings the journal in line: a machine whose intent is written is taken over, one that no lease wants is ended,
    /// one with our name that the journal never heard of is written down and ended ten minutes later. Machines of other installations are left alone and reported.
    /// </summary>
    /// <param name="cancellationToken">Stops between leases.</param>
    /// <returns>What was found.</returns>
    public async Task<ReconcileReport> ReconcileAsync(CancellationToken cancellationToken)
    {
        var report = await new LeaseReconciliation(journal, _lists, time, Times, Holder, Say).RunAsync(cancellationToken).ConfigureAwait(false);
        _listedAt = time.GetUtcNow();
        await StepAllAsync(isFresh: true, cancellationToken).ConfigureAwait(false);
        return report;
    }

    /// <summary>Does what is due for every open lease: limits, idle rule, open questions, ends. Also reads the providers' lists every five minutes.</summary>
    /// <param name="cancellationToken">Stops between leases.</param>
    public async Task TickAsync(CancellationToken cancellationToken)
    {
        if (time.GetUtcNow() - _listedAt >= _relist)
        {
            await ReconcileAsync(cancellationToken).ConfigureAwait(false);
        }
        else
        {
            await StepAllAsync(isFresh: false, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Tells a lease to end soon: a job is to write its checkpoint until then.</summary>
    /// <param name="leaseId">The lease.</param>
    /// <param name="reason">Why, for the journal.</param>
    /// <param name="time">How long until the provider is asked to end the machine.</param>
    /// <param name="isInterrupted">Whether the provider takes the machine back.</param>
    /// <exception cref="ComputeException">There is no such lease, or another process keeps it for minutes.</exception>
    public Task<Lease> DrainAsync(string leaseId, string reason, TimeSpan time, CancellationToken cancellationToken, bool isInterrupted = false) => OnAsync(leaseId, (held, step, now) =>
        held.Lease.State is LeaseState.Ended or LeaseState.Lost || (held.Lease.State is LeaseState.Draining && held.Lease.DrainUntil <= now + time)
            ? Task.CompletedTask
            : step.DrainAsync(held, reason, now + time, cancellationToken, isInterrupted), cancellationToken);

    /// <summary>Ends a lease: asks the provider, and waits until it says that the machine is gone.</summary>
    /// <param name="leaseId">The lease.</param>
    /// <param name="patience">How long to wait; zero returns after asking.</param>
    /// <param name="cancellationToken">Stops the wait, not the end.</param>
    /// <returns>The lease. It is not ended yet where the patience was too short or the provider failed; <see cref="TickAsync"/> goes on with it.</returns>
    /// <exception cref="ComputeException">There is no such lease, or another process keeps it for minutes.</exception>
    public async Task<Lease> EndAsync(string leaseId, TimeSpan patience, CancellationToken cancellationToken)
    {
        var lease = await DrainAsync(leaseId, "ended by the user", TimeSpan.Zero, cancellationToken).ConfigureAwait(false);
        var until = time.GetUtcNow() + patience;
        lease = await OnAsync(leaseId, (held, step, _) => step.RunAsync(held, isFresh: true, cancellationToken), cancellationToken).ConfigureAwait(false);
        for (var look = 0; lease.IsOpen && time.GetUtcNow() < until; look++)
        {
            await Task.Delay(look < 3 ? Times.Poll / 5 : Times.Poll, time, cancellationToken).ConfigureAwait(false);
            lease = await OnAsync(leaseId, (held, step, _) => step.RunAsync(held, isFresh: false, cancellationToken), cancellationToken).ConfigureAwait(false);
        }

        return lease;
    }

    /// <summary>Changes a lease's limits.</summary>
    /// <param name="leaseId">The lease.</param>
    /// <param name="maxTime">The longest time from the request; null leaves it.</param>
    /// <param name="maxCostUsd">The most it may cost in all, USD; null leaves it.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <exception cref="ComputeException">
    /// There is no such lease; it ends or has ended; a value is out of range; or the provider itself ends the machine at a time that was set when it was made.
    /// </exception>
    public Task<Lease> ExtendAsync(string leaseId, TimeSpan? maxTime, decimal? maxCostUsd, CancellationToken cancellationToken) => OnAsync(leaseId, async (held, _, now) =>
    {
        var lease = held.Lease;
        if (lease.State is LeaseState.Draining or LeaseState.Ended or LeaseState.Lost)
        {
            throw new ComputeException(ComputeTrouble.LimitReached, $"The lease {leaseId} is {lease.State.ToString().ToLowerInvariant()} ({lease.Reason}); it cannot be extended. Lease a new machine.");
        }

        var limits = lease.Limits with { MaxTime = maxTime ?? lease.Limits.MaxTime, MaxCostUsd = maxCostUsd ?? lease.Limits.MaxCostUsd };
        if (limits.Check().ToList() is { Count: > 0 } problems)
        {
            throw new ComputeException(ComputeTrouble.Usage, string.Join(Environment.NewLine, problems));
        }

        var next = lease with { Limits = limits, IsBudgetWarned = lease.IsBudgetWarned && LeaseCost.SoFarUsd(lease, now) >= 0.8m * limits.MaxCostUsd };
        var endBy = LeaseCost.EndBy(next, now);
        if (lease.Current is { MachineEndBy: { } fixedEnd } current && endBy > fixedEnd && _lists.Find(current.Provider)?.Abilities.EndsByItself == true)
        {
            throw new ComputeException(ComputeTrouble.LimitReached, string.Create(CultureInfo.InvariantCulture, $"{current.Provider} itself ends this machine at {fixedEnd:u}; that was set when it was made and cannot be moved. Lease a new machine, and let the run go on there."));
        }

        await held.WriteAsync(next, cancellationToken, ("extended", string.Create(CultureInfo.InvariantCulture, $"At most {limits.MaxCostUsd} USD and {limits.MaxTime.TotalHours:0.##} hours; it ends at {endBy:u}"))).ConfigureAwait(false);
    }, cancellationToken);

    /// <summary>Reports what a machine does; whoever watches its job or its GPUs calls this every minute. Without reports the controller's idle rule rests.</summary>
    /// <param name="leaseId">The lease.</param>
    /// <param name="isBusy">Whether a job runs or waits, a GPU is above 5 %, a person is logged in, or an upload or checkpoint is under way.</param>
    /// <param name="cancellationToken">Stops it.</param>
    public async Task NoteActivityAsync(string leaseId, bool isBusy, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        if (await journal.HoldAsync(leaseId, Holder, now, now + Times.Hold, LeaseHolder.IsDead, cancellationToken).ConfigureAwait(false) is not { } hold)
        {
            return; // Another is at it; the next report is soon.
        }

        var held = Held(hold);
        try
        {
            if (!held.Lease.IsUsable)
            {
                return;
            }

            var next = held.Lease with { LastReportAt = now, LastBusyAt = isBusy ? now : held.Lease.LastBusyAt, IsIdleWarned = held.Lease.IsIdleWarned && !isBusy };
            if (isBusy && next.State is LeaseState.Ready)
            {
                await held.WriteAsync(next with { State = LeaseState.Running }, cancellationToken, ("running", "Work was seen on the machine.")).ConfigureAwait(false);
            }
            else
            {
                await held.WriteAsync(next, cancellationToken).ConfigureAwait(false);
            }
        }
        catch (FencedException)
        {
            // As above.
        }
        finally
        {
            await held.ReleaseAsync().ConfigureAwait(false);
        }
    }

    /// <summary>The leases, oldest first.</summary>
    /// <param name="isOpenOnly">Only those of which something may still be billed.</param>
    public Task<IReadOnlyList<Lease>> ListAsync(bool isOpenOnly, CancellationToken cancellationToken) => journal.ListAsync(isOpenOnly, cancellationToken);

    /// <summary>One lease.</summary>
    /// <exception cref="ComputeException">There is none; the message names the open ones.</exception>
    public async Task<Lease> FindAsync(string leaseId, CancellationToken cancellationToken)
    {
        if (await journal.FindAsync(leaseId, cancellationToken).ConfigureAwait(false) is { } lease)
        {
            return lease;
        }

        var open = await journal.ListAsync(isOpenOnly: true, cancellationToken).ConfigureAwait(false);
        throw new ComputeException(ComputeTrouble.NotFound, $"There is no lease '{leaseId}'. {(open.Count > 0 ? $"Open: {string.Join(", ", open.Select(each => each.Id))}." : "No lease is open.")} 'sightline gpu leases --all' shows all.");
    }

    /// <summary>What happened to a lease, in order.</summary>
    public Task<IReadOnlyList<LeaseEvent>> EventsAsync(string leaseId, CancellationToken cancellationToken) => journal.EventsAsync(leaseId, cancellationToken);

    private HeldLease Held(LeaseHold hold) => new(journal, time, Times, hold);

    private LeaseStep Step() => new(_lists.Fresh(), time, Times);

    // A request that failed or was stopped: nothing rented may live on unwatched.
    private async Task AbandonAsync(HeldLease held, LeaseStep step, Exception error)
    {
        var reason = error is OperationCanceledException ? "the request was stopped" : error.Message;
        if (held.Lease.State is not (LeaseState.Draining or LeaseState.Ended or LeaseState.Lost))
        {
            await step.DrainAsync(held, reason, time.GetUtcNow(), CancellationToken.None).ConfigureAwait(false);
        }

        await step.RunAsync(held, isFresh: true, CancellationToken.None).ConfigureAwait(false);
    }

    private async Task StepAllAsync(bool isFresh, CancellationToken cancellationToken)
    {
        var step = Step();
        foreach (var lease in await journal.ListAsync(isOpenOnly: true, cancellationToken).ConfigureAwait(false))
        {
            cancellationToken.ThrowIfCancellationRequested();
            var now = time.GetUtcNow();
            if (await journal.HoldAsync(lease.Id, Holder, now, now + Times.Hold, LeaseHolder.IsDead, cancellationToken).ConfigureAwait(false) is not { } hold)
            {
                continue;
            }

            var held = Held(hold);
            try
            {
                await step.RunAsync(held, isFresh, cancellationToken).ConfigureAwait(false);
            }
            catch (FencedException)
            {
                // Taken over; the new holder does what is due.
            }
            finally
            {
                await held.ReleaseAsync().ConfigureAwait(false);
            }
        }
    }

    private async Task<Lease> OnAsync(string leaseId, Func<HeldLease, LeaseStep, DateTimeOffset, Task> work, CancellationToken cancellationToken)
    {
        var until = time.GetUtcNow() + Times.Hold + Times.Poll;
        var isTold = false;
        while (true)
        {
            await FindAsync(leaseId, cancellationToken).ConfigureAwait(false);
            var now = time.GetUtcNow();
            if (await journal.HoldAsync(leaseId, Holder, now, now + Times.Hold, LeaseHolder.IsDead, cancellationToken).ConfigureAwait(false) is { } hold)
            {
                var held = Held(hold);
                try
                {
                    await work(held, Step(), now).ConfigureAwait(false);
                    return held.Lease;
                }
                finally
                {
                    await held.ReleaseAsync().ConfigureAwait(false);
                }
            }

            if (now > until)
            {
                throw new ComputeException(ComputeTrouble.Provider, $"Another process keeps the lease {leaseId} busy. It is watched there; try again in a minute.");
            }

            if (!isTold)
            {
                Say($"Another process is at work on {leaseId}; waiting for it, at most {Times.Hold.TotalMinutes:0} minutes.");
                isTold = true;
            }

            await Task.Delay(TimeSpan.FromSeconds(1), time, cancellationToken).ConfigureAwait(false);
        }
    }
}
