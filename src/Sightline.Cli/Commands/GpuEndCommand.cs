using System.CommandLine;
using Sightline.Cli.CommandLine;
using Sightline.Cli.Leases;
using Sightline.Compute.Leases;

namespace Sightline.Cli.Commands;

/// <summary><c>sightline gpu end</c>: ends leases, and says so only when the providers do.</summary>
internal static class GpuEndCommand
{
    public static Command Create()
    {
        var which = new Argument<string[]>("LEASE") { Description = "The leases, as 'sightline gpu leases' shows them.", Arity = ArgumentArity.ZeroOrMore };
        var all = new Option<bool>("--all") { Description = "Every lease that is open." };
        var wait = new Option<double>("--wait") { Description = "Minutes to wait for the provider to say that the machine is gone.", HelpName = "MIN", DefaultValueFactory = _ => 10 };
        var command = new Command("end", "End leases: the provider is asked, and asked again, until it says that the machine is gone.") { which, all, wait };
        return command.Does(invocation =>
        {
            var arguments = invocation.Arguments;
            var named = arguments.GetValue(which) ?? [];
            if (named.Length > 0 == arguments.GetValue(all))
            {
                throw new SettingsException("gpu end needs the leases to end, or --all. 'sightline gpu leases' shows them.");
            }

            var patience = arguments.GetValue(wait) is >= 0 and <= 1440 and var minutes ? TimeSpan.FromMinutes(minutes)
                : throw new SettingsException($"--wait is {arguments.GetValue(wait)}; it must be 0 to 1440 minutes.");
            using var access = LeaseAccess.Open(invocation);
            var stop = invocation.Interrupts.StopSaying("Stopping the wait; the provider was asked. 'sightline gpu leases' shows when the machine is gone.");
            access.Reconcile(invocation, stop);
            var ids = named.Length > 0 ? named : [.. access.Controller.ListAsync(isOpenOnly: true, stop).GetAwaiter().GetResult().Select(lease => lease.Id)];
            // All are asked before any is waited for.
            foreach (var id in ids)
            {
                access.Controller.EndAsync(id, TimeSpan.Zero, stop).GetAwaiter().GetResult();
            }

            var leases = ids.Select(id => access.Controller.EndAsync(id, patience, stop).GetAwaiter().GetResult()).ToList();
            var now = TimeProvider.System.GetUtcNow();
            invocation.Result(new { Leases = leases.Select(lease => LeaseOutput.Document(lease, now)) }, text =>
            {
                foreach (var lease in leases)
                {
                    LeaseOutput.Write(text, lease, now);
                }

                if (leases.Count == 0)
                {
                    text.WriteLine("No lease is open.");
                }
            });
            foreach (var lease in leases.Where(lease => lease.IsOpen))
            {
                invocation.Say($"The provider has not said yet that the machine of {lease.Id} is gone; it may still be billed. Run again: sightline gpu end {lease.Id}");
            }

            return leases.Any(lease => lease.IsOpen) && patience > TimeSpan.Zero ? ExitCode.Provider : ExitCode.Done;
        });
    }
}
