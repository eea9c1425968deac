using Sightline.Cli.Output;
using Sightline.Compute.Leases;

namespace Sightline.Cli.Leases;

/// <summary>Leases as JSON and as text.</summary>
internal static class LeaseOutput
{
    public static object Document(Lease lease, DateTimeOffset now, IReadOnlyList<LeaseEvent>? events = null)
    {
        var offer = lease.Current?.Offer ?? lease.Attempts.LastOrDefault()?.Offer;
        return new
        {
            lease.Id,
            State = lease.State.ToString().ToLowerInvariant(),
            lease.IsOpen,
            lease.Purpose,
            Provider = lease.Current?.Provider ?? offer?.Provider,
            Seller = offer?.Provider,
            offer?.Instance,
            Gpu = offer?.GpuId,
            offer?.GpuCount,
            offer?.Region,
            offer?.IsSpot,
            lease.Current?.MachineId,
            lease.Current?.PricePerHourUsd,
            CostUsd = decimal.Round(LeaseCost.SoFarUsd(lease, lease.EndedAt ?? now), 4),
            lease.Limits.MaxCostUsd,
            MaxHours = lease.Limits.MaxTime.TotalHours,
            lease.RequestedAt,
            EndBy = LeaseCost.EndBy(lease, now),
            lease.EndedAt,
            lease.Reason,
            lease.IsInterrupted,
            lease.ForUser,
            lease.Machine?.SshHost,
            lease.Machine?.SshPort,
            lease.Machine?.SshUser,
            Attempts = lease.Attempts.Select(attempt => new
            {
                attempt.Number,
                attempt.Provider,
                Offer = attempt.Offer?.ToString(),
                State = attempt.State.ToString().ToLowerInvariant(),
                attempt.MachineId,
                CostUsd = decimal.Round(LeaseCost.OfUsd(attempt, now), 4),
                attempt.Message,
            }),
            Events = events?.Select(entry => new { entry.At, entry.Kind, entry.Message }),
        };
    }

    /// <summary>One lease with all that a user needs now.</summary>
    public static void Write(TextWriter text, Lease lease, DateTimeOffset now)
    {
        text.WriteLine($"Lease {lease.Id}: {lease.State.ToString().ToLowerInvariant()}{(lease.Reason.Length > 0 ? $", {lease.Reason}" : "")}");
        if (lease.Current is { } current)
        {
            text.WriteLine($"  machine  {current.Offer?.ToString() ?? current.Provider}, id {current.MachineId}");
        }

        if (lease.Machine is { SshHost.Length: > 0 } machine && lease.IsOpen)
        {
            text.WriteLine($"  log in   {SshCommand(machine)}");
        }

        text.WriteLine($"  cost     {LeaseCost.SoFarUsd(lease, lease.EndedAt ?? now):0.00} of at most {lease.Limits.MaxCostUsd:0.00} USD");
        text.WriteLine(lease.EndedAt is { } ended ? $"  ended    {ended:u}" : $"  ends     {LeaseCost.EndBy(lease, now):u} at the latest{(lease.Limits.IdleStop > TimeSpan.Zero ? $", or after {lease.Limits.IdleStop.TotalMinutes:0} idle minutes" : "")}");
        if (lease.Machine is { Provider: "ssh", Message.Length: > 0 } host)
        {
            text.WriteLine($"  NOTE     {host.Message}");
        }

        if (lease.ForUser.Length > 0)
        {
            text.WriteLine($"  TO DO    {lease.ForUser}");
        }
    }

    public static void WriteTable(TextWriter text, IReadOnlyList<Lease> leases, DateTimeOffset now)
    {
        var table = new TextTable("LEASE", "STATE", "MACHINE", "USD/H", "COST", "MAX", "ENDS BY", "FOR") { RightAligned = [3, 4, 5] };
        foreach (var lease in leases)
        {
            var offer = lease.Current?.Offer ?? lease.Attempts.LastOrDefault()?.Offer;
            table.Add(lease.Id, lease.State.ToString().ToLowerInvariant(), offer is null ? lease.Current?.Provider ?? "-" : $"{offer.Provider} {offer.Instance}, {offer.GpuCount} x {offer.GpuId}",
                lease.Current is { } current ? $"{current.PricePerHourUsd:0.000}" : "-", $"{LeaseCost.SoFarUsd(lease, lease.EndedAt ?? now):0.00}", $"{lease.Limits.MaxCostUsd:0.00}",
                lease.EndedAt is { } ended ? $"ended {ended:u}" : $"{LeaseCost.EndBy(lease, now):u}", lease.Purpose);
        }

        table.Write(text);
    }

    /// <summary>The command that logs in.</summary>
    public static string SshCommand(Machine machine) => $"ssh {(machine.SshPort == 22 ? "" : $"-p {machine.SshPort} ")}{machine.SshUser}@{machine.SshHost}";
}
