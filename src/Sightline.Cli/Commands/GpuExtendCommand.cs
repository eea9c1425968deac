using System.CommandLine;
using System.Globalization;
using Sightline.Cli.CommandLine;
using Sightline.Cli.Leases;
using Sightline.Compute.Leases;

namespace Sightline.Cli.Commands;

/// <summary><c>sightline gpu extend</c>: other limits for a lease.</summary>
internal static class GpuExtendCommand
{
    public static Command Create()
    {
        var which = new Argument<string>("LEASE") { Description = "The lease, as 'sightline gpu leases' shows it." };
        var maxHours = new Option<double?>("--max-hours") { Description = "The longest time, hours from the lease's request.", HelpName = "H" };
        var maxCost = new Option<decimal?>("--max-cost") { Description = "The most it may cost in all, USD.", HelpName = "USD" };
        var consent = new Consent();
        var command = new Command("extend", "Change when a lease ends. What it can cost is shown first.") { which, maxHours, maxCost };
        consent.AddTo(command);
        return command.Does(invocation =>
        {
            var (id, hours, cost) = (invocation.Arguments.GetRequiredValue(which), invocation.Arguments.GetValue(maxHours), invocation.Arguments.GetValue(maxCost));
            if (hours is null && cost is null)
            {
                throw new SettingsException("gpu extend needs a new limit: --max-hours H, --max-cost USD, or both.");
            }

            if (hours is not null and not (> 0 and <= 8760))
            {
                throw new SettingsException($"--max-hours is {hours}; it must be above 0 and at most a year (8760).");
            }

            using var access = LeaseAccess.Open(invocation);
            var stop = invocation.Interrupts.StopSaying("Stopping.");
            var before = access.Controller.FindAsync(id, stop).GetAwaiter().GetResult();
            var now = TimeProvider.System.GetUtcNow();
            consent.Need(invocation, string.Create(CultureInfo.InvariantCulture, $"{id} has cost {LeaseCost.SoFarUsd(before, now):0.00} USD at {before.Current?.PricePerHourUsd ?? 0:0.####} USD per hour; let it cost {cost ?? before.Limits.MaxCostUsd:0.##} USD and last {hours ?? before.Limits.MaxTime.TotalHours:0.##} hours in all?"));
            var lease = access.Controller.ExtendAsync(id, hours is { } value ? TimeSpan.FromHours(value) : null, cost, stop).GetAwaiter().GetResult();
            var endBy = LeaseCost.EndBy(lease, now);
            // The machine's own stop was set when it was made; only the machine can move it.
            var machineCommand = lease is { Current.MachineEndBy: { } own, Machine: { SshHost.Length: > 0 } machine } && own != endBy && machine.Provider != "ssh"
                ? $"{LeaseOutput.SshCommand(machine)} 'echo {endBy.ToUnixTimeSeconds()} > {MachineScript.EndByFile}'" : null;
            invocation.Result(new { Lease = LeaseOutput.Document(lease, now), MachineCommand = machineCommand }, text =>
            {
                LeaseOutput.Write(text, lease, now);
                if (machineCommand is not null)
                {
                    text.WriteLine("The machine stops itself at its old limit until this was run:");
                    text.WriteLine($"  {machineCommand}");
                }
            });
        });
    }
}
