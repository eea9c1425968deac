using System.Globalization;

namespace Sightline.Compute.Leases;

/// <summary>Looks at one held lease and does what is due: settles open questions, applies the limits, asks for ends, believes only the provider about what is gone.</summary>
internal sealed class LeaseStep(ProviderLists lists, TimeProvider time, LeaseTimes times)
{
    /// <summary>Does all that is due now.</summary>
    /// <param name="held">The lease.</param>
    /// <param name="isFresh">Whether a person or a new start of the program asks: then earlier failures hold nothing back.</param>
    /// <param name="cancellationToken">Stops between calls.</param>
    public async Task RunAsync(HeldLease held, bool isFresh, CancellationToken cancellationToken)
    {
        await ApplyLimitsAsync(held, cancellationToken).ConfigureAwait(false);
        var isFirstEnd = IsEndDue(held.Lease) && held.Lease.Current is { State: AttemptState.Alive };
        if (!isFresh && !isFirstEnd && held.Lease.RetryAt > time.GetUtcNow())
        {
            return;
        }

        var errors = new List<string>();
        await GuardAsync(errors, () => LookAsync(held, cancellationToken), cancellationToken).ConfigureAwait(false);
        await OthersAsync(held, errors, cancellationToken).ConfigureAwait(false);
        await CloseAsync(held, cancellationToken).ConfigureAwait(false);
        await CountAsync(held, errors, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>What concerns all attempts: requests whose outcome is unknown, machines to be ended.</summary>
    public async Task OthersAsync(HeldLease held, List<string> errors, CancellationToken cancellationToken)
    {
        foreach (var number in held.Lease.Attempts.Select(attempt => attempt.Number))
        {
            await GuardAsync(errors, () => OneAsync(held, number, cancellationToken), cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Asks for the end of an attempt's machine; the intent is written first.</summary>
    public async Task EndAsync(HeldLease held, LeaseAttempt attempt, string why, CancellationToken cancellationToken)
    {
        var asked = attempt with { State = AttemptState.Ending, EndAskedAt = time.GetUtcNow(), EndsAsked = attempt.EndsAsked + 1, IsEndTaken = false, Message = why };
        await held.WriteAsync(held.Lease.With(asked), cancellationToken, ("end", $"{attempt.Provider} is asked to end {attempt.MachineId}: {why}")).ConfigureAwait(false);
        await lists.Get(attempt.Provider).EndAsync(asked.MachineId!, cancellationToken).ConfigureAwait(false); // Only attempts with an id are ended.
        await held.WriteAsync(held.Lease.With(asked with { IsEndTaken = true }), cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Sets a lease to draining.</summary>
    public async Task DrainAsync(HeldLease held, string reason, DateTimeOffset until, CancellationToken cancellationToken, bool isInterrupted = false)
    {
        await held.WriteAsync(held.Lease with { State = LeaseState.Draining, Reason = reason, DrainUntil = until, IsInterrupted = held.Lease.IsInterrupted || isInterrupted }, cancellationToken, ("draining", reason)).ConfigureAwait(false);
    }

    /// <summary>Runs one piece of work; a failure is kept, so that the other machines are still looked after.</summary>
    public static async Task GuardAsync(List<string> errors, Func<Task> work, CancellationToken cancellationToken)
    {
        try
        {
            await work().ConfigureAwait(false);
        }
#pragma warning disable CA1031 // Whatever a provider's client throws must not stop the others from being ended.
        catch (Exception error) when (error is not FencedException && !cancellationToken.IsCancellationRequested)
#pragma warning restore CA1031
        {
            errors.Add(error.Message);
        }
    }

    private async Task ApplyLimitsAsync(HeldLease held, CancellationToken cancellationToken)
    {
        var (lease, now) = (held.Lease, time.GetUtcNow());
        if (lease.State is LeaseState.Draining or LeaseState.Ended or LeaseState.Lost)
        {
            return;
        }

        var endBy = LeaseCost.EndBy(lease, now);
        if (now >= endBy - lease.Limits.Drain)
        {
            await DrainAsync(held, string.Create(CultureInfo.InvariantCulture, $"its limit is reached at {endBy:u} ({lease.Limits.MaxCostUsd:0.##} USD, {lease.Limits.MaxTime.TotalHours:0.##} hours)"), endBy, cancellationToken).ConfigureAwait(false);
        }
        else if (IdleSince(lease, now) is { } since && lease.Limits.IdleStop > TimeSpan.Zero)
        {
            if (now - since >= lease.Limits.IdleStop)
            {
                await DrainAsync(held, string.Create(CultureInfo.InvariantCulture, $"it was idle since {since:u}"), now, cancellationToken).ConfigureAwait(false);
            }
            else if (now - since >= lease.Limits.IdleWarning && !lease.IsIdleWarned)
            {
                await held.WriteAsync(lease with { IsIdleWarned = true }, cancellationToken, ("warning", string.Create(CultureInfo.InvariantCulture, $"Idle since {since:u}; it is ended at {since + lease.Limits.IdleStop:u}."))).ConfigureAwait(false);
            }
        }

        if (!held.Lease.IsBudgetWarned && LeaseCost.SoFarUsd(held.Lease, now) >= 0.8m * held.Lease.Limits.MaxCostUsd)
        {
            await held.WriteAsync(held.Lease with { IsBudgetWarned = true }, cancellationToken, ("warning", $"80 % of {held.Lease.Limits.MaxCostUsd} USD are spent.")).ConfigureAwait(false);
        }
    }

    // Without a recent report nothing is known: a person may work there by SSH. The machine's own script sees that; the controller does not guess.
    private DateTimeOffset? IdleSince(Lease lease, DateTimeOffset now) =>
        lease.IsUsable && lease.LastReportAt is { } report && now - report <= times.ReportAge ? lease.LastBusyAt : null;

    // The lease's own machine.
    private async Task LookAsync(HeldLease held, CancellationToken cancellationToken)
    {
        if (held.Lease.Current is not { State: AttemptState.Alive } current || IsEndDue(held.Lease))
        {
            return;
        }

        var machine = await lists.Get(current.Provider).FindAsync(current.MachineId!, cancellationToken).ConfigureAwait(false); // Alive has an id.
        var (lease, now) = (held.Lease, time.GetUtcNow());
        if (machine is null)
        {
            await GoneAsync(held, current, cancellationToken).ConfigureAwait(false);
        }
        else if (machine.State is MachineState.Failed or MachineState.Stopped or MachineState.Ending || machine.IsInterrupted)
        {
            if (lease.State is not LeaseState.Draining)
            {
                var reason = machine.IsInterrupted ? "the provider took the machine back" : $"the provider says the machine is {machine.State.ToString().ToLowerInvariant()}{(machine.Message.Length > 0 ? $": {machine.Message}" : "")}";
                await held.WriteAsync(lease.With(current with { IsSeen = true }) with { Machine = machine, IsInterrupted = lease.IsInterrupted || machine.IsInterrupted }, cancellationToken).ConfigureAwait(false);
                // A machine that still runs after the notice has its two minutes for a checkpoint (AWS), or less.
                await DrainAsync(held, reason, machine.State is MachineState.Running ? now + TimeSpan.FromSeconds(90) : now, cancellationToken).ConfigureAwait(false);
            }
        }
        else if (lease.State is LeaseState.Creating && machine is { State: MachineState.Running, SshHost.Length: > 0 })
        {
            await ReadyAsync(held, machine, current.IntentAt, cancellationToken).ConfigureAwait(false);
        }
        else if (lease.State is LeaseState.Creating && now - current.IntentAt >= times.StartLimit)
        {
            await DrainAsync(held, $"it was not ready within {times.StartLimit.TotalMinutes:0} minutes", now, cancellationToken).ConfigureAwait(false);
        }
        else if (lease.Machine != machine || !current.IsSeen)
        {
            await held.WriteAsync(lease.With(current with { IsSeen = true, PricePerHourUsd = machine.PricePerHourUsd ?? current.PricePerHourUsd }) with { Machine = machine }, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>The machine runs and can be reached.</summary>
    /// <param name="runningSince">The earliest it can have run: some providers bill from there.</param>
    public async Task ReadyAsync(HeldLease held, Machine machine, DateTimeOffset runningSince, CancellationToken cancellationToken)
    {
        var current = held.Lease.Current!; // Only a lease with a machine becomes ready.
        var lease = held.Lease.With(current with { IsSeen = true, RunningAt = current.RunningAt ?? runningSince, PricePerHourUsd = machine.PricePerHourUsd ?? current.PricePerHourUsd });
        await held.WriteAsync(
            lease with { State = LeaseState.Ready, Machine = machine, LastBusyAt = time.GetUtcNow() }, cancellationToken,
            ("ready", $"{machine.SshUser}@{machine.SshHost}:{machine.SshPort}")).ConfigureAwait(false);
    }

    private async Task OneAsync(HeldLease held, int number, CancellationToken cancellationToken)
    {
        var attempt = held.Lease.Attempts[number - 1];
        switch (attempt.State)
        {
            case AttemptState.Pending or AttemptState.Unsettled:
                await SettleAsync(held, attempt, cancellationToken).ConfigureAwait(false);
                break;
            case AttemptState.Alive when held.Lease.Chosen != number || IsEndDue(held.Lease):
                await EndAsync(held, attempt, held.Lease.Reason.Length > 0 ? held.Lease.Reason : "the lease has no use for it", cancellationToken).ConfigureAwait(false);
                break;
            case AttemptState.Ending:
                await FollowEndAsync(held, attempt, cancellationToken).ConfigureAwait(false);
                break;
        }
    }

    private bool IsEndDue(Lease lease) => lease.State is LeaseState.Ended or LeaseState.Lost || (lease.State is LeaseState.Draining && time.GetUtcNow() >= lease.DrainUntil);

    // Nobody runs this request any more: whoever did would hold the lease.
    private async Task SettleAsync(HeldLease held, LeaseAttempt attempt, CancellationToken cancellationToken)
    {
        var machines = await lists.ListAsync(attempt.Provider, cancellationToken).ConfigureAwait(false);
        var found = machines.FirstOrDefault(machine => machine.Name == MachineRequest.NamePrefix + held.Lease.Id && !LeaseAdoption.IsKnown(held.Lease, machine)
            && !held.Lease.Attempts.Any(each => each.IsSettled && each.MachineId == machine.Id));
        if (found is not null)
        {
            var (next, message) = LeaseAdoption.Adopt(held.Lease, found, time.GetUtcNow());
            await held.WriteAsync(next, cancellationToken, ("adopted", message)).ConfigureAwait(false);
        }
        else if (time.GetUtcNow() - attempt.IntentAt >= times.Settle)
        {
            await held.WriteAsync(
                held.Lease.With(attempt with { State = AttemptState.Nothing, Message = "never appeared in the provider's list" }), cancellationToken,
                ("gone", $"{attempt.Provider} lists no machine for request {attempt.Number}, {times.Settle.TotalMinutes:0} minutes after it: there never was one.")).ConfigureAwait(false);
        }
    }

    private async Task FollowEndAsync(HeldLease held, LeaseAttempt attempt, CancellationToken cancellationToken)
    {
        var errors = new List<string>();
        Machine? machine = null;
        await GuardAsync(errors, async () => machine = await lists.Get(attempt.Provider).FindAsync(attempt.MachineId!, cancellationToken).ConfigureAwait(false), cancellationToken).ConfigureAwait(false); // Ending has an id.
        if (errors.Count == 0 && machine is null)
        {
            await GoneAsync(held, attempt, cancellationToken).ConfigureAwait(false);
            return;
        }

        if (machine is not null && !attempt.IsSeen)
        {
            attempt = attempt with { IsSeen = true };
            await held.WriteAsync(held.Lease.With(attempt), cancellationToken).ConfigureAwait(false);
        }

        // A provider that cannot be asked about the machine may still be able to end it.
        if (!attempt.IsEndTaken || time.GetUtcNow() - attempt.EndAskedAt >= (attempt.EndsAsked < times.MostEnds ? times.EndAgain : times.LongestRetry))
        {
            if (attempt.EndsAsked == times.MostEnds && held.Lease.ForUser.Length == 0)
            {
                var words = $"{attempt.Provider} was asked {attempt.EndsAsked} times to end {attempt.MachineId} and still shows it. End it in the provider's console, then run: sightline gpu end {held.Lease.Id}";
                await held.WriteAsync(held.Lease with { ForUser = words }, cancellationToken, ("told", words)).ConfigureAwait(false);
            }

            await EndAsync(held, attempt, attempt.Message, cancellationToken).ConfigureAwait(false);
        }

        if (errors.Count > 0)
        {
            throw new LeaseException(LeaseTrouble.Unanswered, errors[0], attempt.MachineId);
        }
    }

    private async Task GoneAsync(HeldLease held, LeaseAttempt attempt, CancellationToken cancellationToken)
    {
        var (lease, now) = (held.Lease, time.GetUtcNow());
        if (!attempt.IsSeen && now - attempt.IntentAt < times.Young)
        {
            return; // Look-ups of some providers lag behind their creates.
        }

        var next = lease.With(attempt with { State = AttemptState.Gone, GoneAt = now });
        var isLost = lease.Chosen == attempt.Number && attempt.State is AttemptState.Alive && (lease.State is LeaseState.Creating or LeaseState.Ready or LeaseState.Running);
        if (isLost)
        {
            next = next with { State = LeaseState.Lost, EndedAt = now, IsInterrupted = attempt.Offer?.IsSpot == true, Reason = "the provider says that the machine is gone, and nobody here ended it" };
        }

        await held.WriteAsync(
            next, cancellationToken,
            isLost ? ("lost", $"{attempt.Provider} says that {attempt.MachineId} is gone; nobody here ended it.") : ("gone", $"{attempt.Provider} says that {attempt.MachineId} is gone.")).ConfigureAwait(false);
    }

    // Nothing can be billed any more, and nobody will ask for more.
    private async Task CloseAsync(HeldLease held, CancellationToken cancellationToken)
    {
        var lease = held.Lease;
        if (lease.State is LeaseState.Ended or LeaseState.Lost || !lease.Attempts.All(attempt => attempt.IsSettled))
        {
            return;
        }

        var reason = lease.Reason.Length > 0 ? lease.Reason : "the program stopped before a machine was there";
        await held.WriteAsync(lease with { State = LeaseState.Ended, EndedAt = time.GetUtcNow(), Reason = reason, ForUser = "" }, cancellationToken, ("ended", reason)).ConfigureAwait(false);
    }

    private async Task CountAsync(HeldLease held, List<string> errors, CancellationToken cancellationToken)
    {
        var lease = held.Lease;
        if (errors.Count == 0)
        {
            if (lease.Failures > 0)
            {
                await held.WriteAsync(lease with { Failures = 0, RetryAt = null, ForUser = "" }, cancellationToken).ConfigureAwait(false);
            }

            return;
        }

        var failures = lease.Failures + 1;
        var wait = TimeSpan.FromTicks(Math.Min(times.LongestRetry.Ticks, times.FirstRetry.Ticks << Math.Min(failures - 1, 20)));
        var message = string.Join(" ", errors.Distinct());
        var events = new List<(string, string)> { ("trouble", message) };
        var next = lease with { Failures = failures, RetryAt = time.GetUtcNow() + wait };
        if (failures == times.MostFailures)
        {
            var words = $"The provider failed {failures} times in a row ({message}). A machine may be billed: look at the provider's console, then run: sightline gpu end {lease.Id}";
            next = next with { ForUser = words };
            events.Add(("told", words));
        }

        await held.WriteAsync(next, cancellationToken, [.. events]).ConfigureAwait(false);
    }
}
