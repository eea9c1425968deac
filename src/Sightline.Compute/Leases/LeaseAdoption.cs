namespace Sightline.Compute.Leases;

/// <summary>Joins a machine that a provider lists to the lease whose name it bears.</summary>
internal static class LeaseAdoption
{
    /// <summary>Whether the machine is one that the lease already counts as existing.</summary>
    public static bool IsKnown(Lease lease, Machine machine) => lease.Attempts.Any(attempt => IsOf(attempt, machine) && !attempt.IsSettled);

    /// <summary>The lease with the machine in it. It becomes the lease's machine only where the lease still wants one; otherwise it is there to be ended.</summary>
    /// <param name="lease">The lease, held.</param>
    /// <param name="machine">A machine of its name that <see cref="IsKnown"/> denies.</param>
    /// <param name="now">Billing of a machine nobody asked for is counted from its creation, else from now.</param>
    public static (Lease Lease, string Message) Adopt(Lease lease, Machine machine, DateTimeOffset now)
    {
        var attempt = lease.Attempts.FirstOrDefault(each => IsOf(each, machine))
            ?? lease.Attempts.FirstOrDefault(each => each.Provider == machine.Provider && each.MachineId is null && !each.IsSettled)
            ?? lease.Attempts.FirstOrDefault(each => each.Provider == machine.Provider && each.MachineId is null);
        var isStray = attempt is null;
        attempt ??= new LeaseAttempt { Number = lease.Attempts.Count + 1, Provider = machine.Provider, IntentAt = machine.CreatedAt ?? now, State = AttemptState.Alive };
        var isWanted = !isStray && lease.Chosen is null && (lease.State is LeaseState.Requested or LeaseState.Creating)
            && (attempt.State is AttemptState.Pending or AttemptState.Unsettled)
            && (machine.State is MachineState.Creating or MachineState.Running) && !machine.IsInterrupted;
        attempt = attempt with
        {
            State = AttemptState.Alive,
            MachineId = machine.Id,
            GoneAt = null,
            IsSeen = true,
            PricePerHourUsd = machine.PricePerHourUsd ?? attempt.Offer?.PricePerHourUsd ?? 0,
            Message = isWanted ? "found in the provider's list" : "found in the provider's list; to be ended",
        };
        var next = isStray ? lease with { Attempts = [.. lease.Attempts, attempt] } : lease.With(attempt);
        return (isWanted ? next with { Chosen = attempt.Number, State = LeaseState.Creating, Machine = machine } : next,
            $"Machine {machine.Id} of {machine.Provider} bears this lease's name; {(isWanted ? "it is taken over" : "the lease has no use for it, so it is ended")}.");
    }

    private static bool IsOf(LeaseAttempt attempt, Machine machine) => attempt.Provider == machine.Provider && attempt.MachineId == machine.Id;
}
