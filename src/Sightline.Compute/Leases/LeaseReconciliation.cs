using System.Globalization;

namespace Sightline.Compute.Leases;

/// <summary>Compares what the providers list with the journal, and writes down what it lacks; ends nothing itself.</summary>
/// <param name="journal">Where leases are written down.</param>
/// <param name="lists">The providers.</param>
/// <param name="time">Clock.</param>
/// <param name="times">Waits and bounds.</param>
/// <param name="holder">Who holds the leases meanwhile.</param>
/// <param name="say">Told what a user should know.</param>
internal sealed class LeaseReconciliation(ILeaseJournal journal, ProviderLists lists, TimeProvider time, LeaseTimes times, string holder, Action<string> say)
{
    /// <summary>Asks every provider for its list.</summary>
    public async Task<ReconcileReport> RunAsync(CancellationToken cancellationToken)
    {
        var report = new ReconcileReport();
        var fresh = lists.Fresh();
        var own = await journal.InstallationAsync(cancellationToken).ConfigureAwait(false) + "-";
        foreach (var provider in lists.Providers)
        {
            var errors = new List<string>();
            await LeaseStep.GuardAsync(errors, async () =>
            {
                foreach (var machine in await fresh.ListAsync(provider.Id, cancellationToken).ConfigureAwait(false))
                {
                    if (!machine.Name.StartsWith(MachineRequest.NamePrefix + own, StringComparison.Ordinal))
                    {
                        report.Foreign.Add(machine);
                    }
                    else
                    {
                        await MeetAsync(machine, report, cancellationToken).ConfigureAwait(false);
                    }
                }
            }, cancellationToken).ConfigureAwait(false);
            report.Unreachable.AddRange(errors.Select(error => (provider.Id, error)));
        }

        return report;
    }

    private HeldLease Held(LeaseHold hold) => new(journal, time, times, hold);

    private async Task MeetAsync(Machine machine, ReconcileReport report, CancellationToken cancellationToken)
    {
        var id = machine.Name[MachineRequest.NamePrefix.Length..];
        var known = await journal.FindAsync(id, cancellationToken).ConfigureAwait(false);
        if (known is null)
        {
            await WriteDownAsync(id, machine, cancellationToken).ConfigureAwait(false);
            report.Strays.Add(machine);
            return;
        }

        if (LeaseAdoption.IsKnown(known, machine))
        {
            return;
        }

        var now = time.GetUtcNow();
        if (await journal.HoldAsync(id, holder, now, now + times.Hold, LeaseHolder.IsDead, cancellationToken).ConfigureAwait(false) is not { } hold)
        {
            return; // Its holder is at work on it.
        }

        var held = Held(hold);
        try
        {
            // The list may be older than the journal: what was settled since is believed only after another look.
            if (!LeaseAdoption.IsKnown(held.Lease, machine) && await lists.Get(machine.Provider).FindAsync(machine.Id, cancellationToken).ConfigureAwait(false) is { } seen)
            {
                var (next, message) = LeaseAdoption.Adopt(held.Lease, seen, now);
                await held.WriteAsync(next, cancellationToken, ("adopted", message)).ConfigureAwait(false);
                report.Adopted.Add(seen);
            }
        }
        catch (FencedException)
        {
            // Taken over meanwhile; the new holder sees the same list.
        }
        finally
        {
            await held.ReleaseAsync().ConfigureAwait(false);
        }
    }

    // Our installation's name, and no entry: the database was restored from an older copy, or its row was deleted by hand.
    private async Task WriteDownAsync(string id, Machine machine, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var message = string.Create(CultureInfo.InvariantCulture, $"Machine {machine.Id} of {machine.Provider} bears our name, and the journal has no entry of it. It is ended in {times.StrayNotice.TotalMinutes:0} minutes.");
        var lease = new Lease
        {
            Id = id,
            State = LeaseState.Draining,
            RequestedAt = machine.CreatedAt ?? now,
            Limits = new LeaseLimits { MaxCostUsd = 0.01m, MaxTime = TimeSpan.FromSeconds(1) },
            Attempts = [new LeaseAttempt { Number = 1, Provider = machine.Provider, IntentAt = machine.CreatedAt ?? now, State = AttemptState.Alive, MachineId = machine.Id, PricePerHourUsd = machine.PricePerHourUsd ?? 0 }],
            Chosen = 1,
            Machine = machine,
            Reason = "the journal had no entry of it",
            DrainUntil = now + times.StrayNotice,
        };
        try
        {
            await Held(await journal.AddAsync(lease, holder, now + times.Hold, new LeaseEvent(id, 1, now, "adopted", message), cancellationToken).ConfigureAwait(false)).ReleaseAsync().ConfigureAwait(false);
            say(message);
        }
        catch (System.Data.Common.DbException) when (!cancellationToken.IsCancellationRequested)
        {
            // Another process wrote it down at this moment; if not, the next look tries again.
        }
    }
}
