namespace Sightline.Compute.Leases;

/// <summary>What a lease has cost, and when its limits end it.</summary>
internal static class LeaseCost
{
    private const decimal HoursPerMonth = 30 * 24;

    /// <summary>What all its machines have cost so far, USD. A machine that was never found counts nothing.</summary>
    /// <param name="lease">The lease.</param>
    /// <param name="now">Until when.</param>
    public static decimal SoFarUsd(Lease lease, DateTimeOffset now) => lease.Attempts.Sum(attempt => OfUsd(attempt, now));

    /// <summary>What one machine has cost so far, USD.</summary>
    public static decimal OfUsd(LeaseAttempt attempt, DateTimeOffset now)
    {
        if (attempt.MachineId is null)
        {
            return 0;
        }

        var rule = BillingRule.Of(attempt.Provider);
        var end = attempt.GoneAt ?? now;
        var machine = rule.IsFromRunning ? attempt.RunningAt is { } since ? Hours(end - since, rule.Step) : 0 : Hours(end - attempt.IntentAt, rule.Step);
        return machine * attempt.PricePerHourUsd + Hours(end - attempt.IntentAt, rule.Step) * DiskPerHourUsd(rule, attempt.DiskGib);
    }

    /// <summary>When the lease has to be over by its time, deadline and cost limits.</summary>
    /// <param name="lease">The lease.</param>
    /// <param name="now">What the machines of earlier attempts have cost counts until now.</param>
    public static DateTimeOffset EndBy(Lease lease, DateTimeOffset now)
    {
        var byTime = lease.RequestedAt + lease.Limits.MaxTime;
        if (lease.Limits.Deadline is { } deadline && deadline < byTime)
        {
            byTime = deadline;
        }

        if (lease.Current is not { } current)
        {
            return byTime;
        }

        var others = lease.Attempts.Where(attempt => attempt.Number != current.Number).Sum(attempt => OfUsd(attempt, now));
        var byCost = PaidUntil(current.Provider, current.IntentAt, current.PricePerHourUsd, current.DiskGib, lease.Limits.MaxCostUsd - others);
        return byCost < byTime ? byCost : byTime;
    }

    /// <summary>Until when an amount pays a machine, counted from the request as if it were billed at once.</summary>
    public static DateTimeOffset PaidUntil(string provider, DateTimeOffset from, decimal pricePerHourUsd, double diskGib, decimal amountUsd)
    {
        var rule = BillingRule.Of(provider);
        var perHour = pricePerHourUsd + DiskPerHourUsd(rule, diskGib);
        if (perHour <= 0)
        {
            return DateTimeOffset.MaxValue;
        }

        var hours = Math.Max(0, amountUsd) / perHour;
        var steps = decimal.Floor(hours * 3600m / (decimal)rule.Step.TotalSeconds);
        var seconds = steps * (decimal)rule.Step.TotalSeconds;
        return seconds >= 3600m * 24 * 365 * 10 ? DateTimeOffset.MaxValue : from + TimeSpan.FromSeconds((double)seconds);
    }

    private static decimal DiskPerHourUsd(BillingRule rule, double diskGib) => rule.DiskPerGibMonthUsd * (decimal)diskGib / HoursPerMonth;

    private static decimal Hours(TimeSpan time, TimeSpan step) => time <= TimeSpan.Zero ? 0
        : decimal.Ceiling((decimal)time.Ticks / step.Ticks) * step.Ticks / TimeSpan.TicksPerHour;
}
