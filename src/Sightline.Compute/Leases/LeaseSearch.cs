using System.Globalization;
using Sightline.Compute.Offers;

namespace Sightline.Compute.Leases;

/// <summary>Tries offers until a machine is ready. Each request is written before it is sent, and sent once.</summary>
internal sealed class LeaseSearch(LeaseOrder order, HeldLease held, ProviderLists lists, TimeProvider time, LeaseTimes times, Action<string> say)
{
    private const int MostWords = 8;

    private readonly List<string> _refusals = [];
    private readonly HashSet<string> _closed = []; // Providers that another offer would not change.
    private LeaseTrouble _trouble = LeaseTrouble.Capacity;
    private int _overLimit;

    /// <summary>Tries the offers.</summary>
    /// <returns>The lease, ready; or creating, where the order does not wait.</returns>
    /// <exception cref="LeaseException">No offer gave a machine, or it is not known whether one did; the message lists what was tried.</exception>
    public async Task<Lease> RunAsync(CancellationToken cancellationToken)
    {
        var tried = 0;
        foreach (var offer in order.Offers)
        {
            var id = LeaseProviders.IdOf(offer);
            if (_closed.Contains(id) || Unfit(offer, id) is { } reason && Refuse(offer, reason))
            {
                continue;
            }

            if (tried++ == order.MaxOffers)
            {
                _refusals.Add($"{order.MaxOffers} offers were tried; that is the limit.");
                break;
            }

            say($"Asking {id} for {LeaseOffer.Of(offer)} ...");
            if (await TryAsync(offer, lists.Get(id), cancellationToken).ConfigureAwait(false) && (!order.WaitsForReady || await WaitAsync(offer, cancellationToken).ConfigureAwait(false)))
            {
                return held.Lease;
            }

            await Step().OthersAsync(held, [], cancellationToken).ConfigureAwait(false);
            if (held.Lease.Attempts.Count(attempt => attempt.State is AttemptState.Unsettled) > 1 || held.Lease.State is LeaseState.Draining)
            {
                break; // Two machines that may appear are enough.
            }
        }

        if (_overLimit > 0 && _overLimit == _refusals.Count)
        {
            throw new ComputeException(ComputeTrouble.LimitReached, $"No machine was leased: nothing fits the limits. {Refusals()}");
        }

        throw new LeaseException(_trouble, $"No machine was leased. {Refusals()}{(held.Lease.Attempts.Any(attempt => !attempt.IsSettled) ? $" One may still exist; 'sightline gpu leases' looks for it, and lease {held.Lease.Id} stays open until the provider says that there is none." : "")}");
    }

    // Each looks at the providers' lists anew: a search lasts for minutes.
    private LeaseStep Step() => new(lists.Fresh(), time, times);

    private string Refusals() => string.Join(" ", _refusals.Take(MostWords)) + (_refusals.Count > MostWords ? $" And {_refusals.Count - MostWords} more." : "");

    private bool Refuse(Offer offer, string reason)
    {
        _refusals.Add($"{LeaseOffer.Of(offer)}: {reason.TrimEnd('.')}.");
        say(_refusals[^1]);
        return true;
    }

    private string? Unfit(Offer offer, string id)
    {
        if (lists.Find(id) is not { } provider)
        {
            _closed.Add(id); // Once, not for each of its offers.
            _trouble = LeaseTrouble.Credentials;
            return $"the provider '{id}' is not set up; docs/leases.md says how";
        }

        if (offer.IsSpot && !provider.Abilities.RentsSpot)
        {
            return "spot machines cannot be leased there";
        }

        if (offer.PricePerHourUsd > order.PriceCap(offer))
        {
            _overLimit++;
            return string.Create(CultureInfo.InvariantCulture, $"it is above the highest price, {order.PriceCap(offer):0.####} USD per hour");
        }

        var left = EndBy(offer, id) - time.GetUtcNow();
        if (left >= times.LeastTime)
        {
            return null;
        }

        _overLimit++;
        var step = BillingRule.Of(id).Step;
        return string.Create(CultureInfo.InvariantCulture, $"the limits leave {Math.Max(0, left.TotalMinutes):0} minutes{(step >= TimeSpan.FromMinutes(1) ? $", counted in steps of {step.TotalMinutes:0}" : "")}; less than {times.LeastTime.TotalMinutes:0} is not worth a machine");
    }

    // At the highest price that is allowed: the machine must not outlive the money.
    private DateTimeOffset EndBy(Offer offer, string id)
    {
        var now = time.GetUtcNow();
        var byTime = LeaseCost.EndBy(held.Lease with { Chosen = null }, now);
        var byCost = LeaseCost.PaidUntil(id, now, order.PriceCap(offer), order.DiskGib, held.Lease.Limits.MaxCostUsd - LeaseCost.SoFarUsd(held.Lease, now));
        return byCost < byTime ? byCost : byTime;
    }

    private async Task<bool> TryAsync(Offer offer, ILeaseProvider provider, CancellationToken cancellationToken)
    {
        var endBy = EndBy(offer, provider.Id);
        var attempt = new LeaseAttempt
        {
            Number = held.Lease.Attempts.Count + 1,
            Provider = provider.Id,
            Offer = LeaseOffer.Of(offer),
            IntentAt = time.GetUtcNow(),
            MachineEndBy = endBy,
            State = AttemptState.Pending,
            PricePerHourUsd = offer.PricePerHourUsd,
            DiskGib = order.DiskGib,
        };
        await held.WriteAsync(held.Lease with { State = LeaseState.Creating, Attempts = [.. held.Lease.Attempts, attempt] }, cancellationToken, ("intent", $"{provider.Id} is asked for {attempt.Offer}")).ConfigureAwait(false);
        Machine machine;
        try
        {
            using var limit = new CancellationTokenSource(times.CreateLimit, time);
            using var both = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
            machine = await provider.CreateAsync(Request(offer, endBy), both.Token).ConfigureAwait(false);
        }
        catch (LeaseException error) when (error.Trouble is not (LeaseTrouble.Unanswered or LeaseTrouble.FailedAfterCreate))
        {
            _trouble = error.Trouble;
            if (error.Trouble is LeaseTrouble.Quota or LeaseTrouble.Credentials)
            {
                _closed.Add(provider.Id);
            }

            Refuse(offer, error.Message);
            await held.WriteAsync(held.Lease.With(attempt with { State = AttemptState.Nothing, Message = error.Message }), cancellationToken, ("refused", error.Message)).ConfigureAwait(false);
            return false;
        }
        catch (LeaseException error) when (error.Trouble is LeaseTrouble.FailedAfterCreate && error.MachineId is not null)
        {
            return await DropAsync(offer, attempt with { State = AttemptState.Alive, MachineId = error.MachineId }, LeaseTrouble.FailedAfterCreate, error.Message, cancellationToken).ConfigureAwait(false);
        }
#pragma warning disable CA1031 // Whatever a provider's client throws, the machine may exist.
        catch (Exception error) when (!cancellationToken.IsCancellationRequested)
#pragma warning restore CA1031
        {
            return await SearchAsync(offer, attempt, error is OperationCanceledException ? $"{provider.Id} did not answer within {times.CreateLimit.TotalMinutes:0} minutes" : error.Message, cancellationToken).ConfigureAwait(false);
        }

        return await TakeAsync(offer, attempt, machine, cancellationToken).ConfigureAwait(false);
    }

    private MachineRequest Request(Offer offer, DateTimeOffset endBy) => new()
    {
        LeaseId = held.Lease.Id,
        Offer = offer,
        DiskGib = order.DiskGib,
        Image = order.Image,
        SshPublicKey = order.SshPublicKey,
        StartScript = MachineScript.Write(endBy, order.Limits.IdleStop, offer.IsSpot),
        EndBy = endBy,
        MaxPricePerHourUsd = order.PriceCap(offer),
    };

    // The machine's id is written before anything else is done with it.
    private async Task<bool> TakeAsync(Offer offer, LeaseAttempt attempt, Machine machine, CancellationToken cancellationToken)
    {
        var taken = attempt with { State = AttemptState.Alive, MachineId = machine.Id, PricePerHourUsd = machine.PricePerHourUsd ?? attempt.PricePerHourUsd };
        if (taken.PricePerHourUsd > order.PriceCap(offer))
        {
            return await DropAsync(offer, taken, LeaseTrouble.PriceRose, string.Create(CultureInfo.InvariantCulture, $"the price is now {taken.PricePerHourUsd:0.####} USD per hour"), cancellationToken).ConfigureAwait(false);
        }

        try
        {
            // Not the caller's token: what was rented is written down, whoever wants to stop.
            await held.WriteAsync(held.Lease.With(taken) with { Chosen = taken.Number, Machine = machine }, CancellationToken.None, ("created", $"{attempt.Provider} made {machine.Id}")).ConfigureAwait(false);
            return true;
        }
        catch (Exception error)
        {
            // It cannot be written down, so it must not live; its intent is in the journal, in case this fails too.
            // Unless another has taken the lease over and found the machine by its name.
            if (error is not FencedException || await held.ReadAsync(CancellationToken.None).ConfigureAwait(false) is not { } taker || !LeaseAdoption.IsKnown(taker, machine))
            {
                await lists.Get(attempt.Provider).EndAsync(machine.Id, CancellationToken.None).ConfigureAwait(false);
            }

            throw;
        }
    }

    // A machine that exists and is not wanted.
    private async Task<bool> DropAsync(Offer offer, LeaseAttempt alive, LeaseTrouble trouble, string why, CancellationToken cancellationToken)
    {
        _trouble = trouble;
        Refuse(offer, why);
        var next = held.Lease.With(alive);
        await held.WriteAsync(next.Chosen == alive.Number ? next with { Chosen = null, Machine = null, State = LeaseState.Creating } : next, CancellationToken.None, ("refused", why)).ConfigureAwait(false);
        await LeaseStep.GuardAsync([], () => Step().EndAsync(held, alive, why, cancellationToken), cancellationToken).ConfigureAwait(false); // Asked again by the next step where this fails.
        return false;
    }

    // No answer: the list of names says whether there is a machine. Never a second create on a guess.
    private async Task<bool> SearchAsync(Offer offer, LeaseAttempt attempt, string why, CancellationToken cancellationToken)
    {
        _trouble = LeaseTrouble.Unanswered;
        var isListed = false;
        for (var look = 0; look < 4; look++)
        {
            try
            {
                var machines = await lists.Fresh().ListAsync(attempt.Provider, cancellationToken).ConfigureAwait(false);
                isListed = true;
                if (machines.FirstOrDefault(machine => machine.Name == MachineRequest.NamePrefix + held.Lease.Id && !held.Lease.Attempts.Any(each => each.MachineId == machine.Id && each.Provider == attempt.Provider)) is { } found)
                {
                    return found.State is MachineState.Creating or MachineState.Running && !found.IsInterrupted
                        ? await TakeAsync(offer, attempt, found, cancellationToken).ConfigureAwait(false)
                        : await DropAsync(offer, attempt with { State = AttemptState.Alive, MachineId = found.Id }, LeaseTrouble.FailedAfterCreate, found.Message.Length > 0 ? found.Message : why, cancellationToken).ConfigureAwait(false);
                }
            }
#pragma warning disable CA1031 // The list is the second question; its failure is an answer too.
            catch (Exception) when (!cancellationToken.IsCancellationRequested)
#pragma warning restore CA1031
            {
                isListed = false;
            }

            await Task.Delay(times.Poll * (1 << look), time, cancellationToken).ConfigureAwait(false);
            await held.KeepAsync(cancellationToken).ConfigureAwait(false);
        }

        Refuse(offer, $"{why}; {(isListed ? "its list shows no machine" : "its list cannot be read either, so no other offer is tried")}");
        await held.WriteAsync(held.Lease.With(attempt with { State = AttemptState.Unsettled, Message = why }), cancellationToken, ("unanswered", why)).ConfigureAwait(false);
        if (!isListed)
        {
            await Step().DrainAsync(held, $"{attempt.Provider} did not answer, and its list cannot be read", time.GetUtcNow(), cancellationToken).ConfigureAwait(false);
        }

        return false;
    }

    private async Task<bool> WaitAsync(Offer offer, CancellationToken cancellationToken)
    {
        var failures = 0;
        var notRunningAt = held.Lease.Current!.IntentAt; // A machine was just taken.
        for (var look = 0; ; look++)
        {
            // Hosts that are there already are ready at once; machines take minutes.
            await Task.Delay(look < 3 ? times.Poll / 5 : times.Poll, time, cancellationToken).ConfigureAwait(false);
            await held.KeepAsync(cancellationToken).ConfigureAwait(false);
            await Step().OthersAsync(held, [], cancellationToken).ConfigureAwait(false);
            var (current, now) = (held.Lease.Current!, time.GetUtcNow());
            if (now >= LeaseCost.EndBy(held.Lease, now) - held.Lease.Limits.Drain)
            {
                throw new ComputeException(ComputeTrouble.LimitReached, $"The lease {held.Lease.Id} reached its limit before its machine was ready; it is ended. Raise --max-hours or --max-cost.");
            }

            if (now - current.IntentAt >= order.StartLimit)
            {
                return await DropAsync(offer, current, LeaseTrouble.FailedAfterCreate, $"it was not ready within {order.StartLimit.TotalMinutes:0} minutes", cancellationToken).ConfigureAwait(false);
            }

            Machine? machine;
            try
            {
                machine = await lists.Get(current.Provider).FindAsync(current.MachineId!, cancellationToken).ConfigureAwait(false);
                failures = 0;
            }
#pragma warning disable CA1031 // Counted; the start limit bounds it too.
            catch (Exception error) when (!cancellationToken.IsCancellationRequested)
#pragma warning restore CA1031
            {
                if (++failures >= times.MostFailures)
                {
                    throw new LeaseException(LeaseTrouble.Unanswered, $"{current.Provider} cannot be asked about machine {current.MachineId}: {error.Message} The lease {held.Lease.Id} is being ended; look with 'sightline gpu leases'.", current.MachineId, error);
                }

                continue;
            }

            if (machine is null)
            {
                if (now - current.IntentAt >= times.Young)
                {
                    _trouble = LeaseTrouble.FailedAfterCreate;
                    Refuse(offer, "the machine vanished while it started");
                    await held.WriteAsync(held.Lease.With(current with { State = AttemptState.Gone, GoneAt = now }) with { Chosen = null, Machine = null }, cancellationToken, ("gone", $"{current.Provider} says that {current.MachineId} is gone; it never became ready.")).ConfigureAwait(false);
                    return false;
                }
            }
            else if (machine.State is MachineState.Failed or MachineState.Stopped or MachineState.Ending || machine.IsInterrupted)
            {
                return await DropAsync(offer, current, LeaseTrouble.FailedAfterCreate, $"the machine is {machine.State.ToString().ToLowerInvariant()}{(machine.Message.Length > 0 ? $": {machine.Message}" : "")}", cancellationToken).ConfigureAwait(false);
            }
            else if (machine.PricePerHourUsd > order.PriceCap(offer))
            {
                return await DropAsync(offer, current with { PricePerHourUsd = machine.PricePerHourUsd.Value }, LeaseTrouble.PriceRose, string.Create(CultureInfo.InvariantCulture, $"the price is now {machine.PricePerHourUsd:0.####} USD per hour"), cancellationToken).ConfigureAwait(false);
            }
            else if (machine is { State: MachineState.Running, SshHost.Length: > 0 })
            {
                await Step().ReadyAsync(held, machine, notRunningAt, cancellationToken).ConfigureAwait(false);
                return true;
            }
            else if (machine.State is MachineState.Creating)
            {
                notRunningAt = now;
            }
        }
    }
}
