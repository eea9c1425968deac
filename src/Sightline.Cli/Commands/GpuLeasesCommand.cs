using System.CommandLine;
using Sightline.Cli.CommandLine;
using Sightline.Cli.Leases;
using Sightline.Compute.Leases;

namespace Sightline.Cli.Commands;

/// <summary><c>sightline gpu leases</c>: what is leased, after reading every provider's list.</summary>
internal static class GpuLeasesCommand
{
    private static readonly TimeSpan _look = TimeSpan.FromSeconds(30);

    public static Command Create()
    {
        var which = new Argument<string?>("LEASE") { Description = "Show this one with all that happened to it.", Arity = ArgumentArity.ZeroOrOne };
        var all = new Option<bool>("--all") { Description = "Ended ones too." };
        var watch = new Option<bool>("--watch") { Description = "Stay, keep every limit, and say what happens, until no lease is open." };
        var command = new Command("leases", "Leased machines: state, cost so far, when they end. Reads the providers' lists first and ends what nobody wants.") { which, all, watch };
        return command.Does(invocation =>
        {
            using var access = LeaseAccess.Open(invocation);
            var stop = invocation.Interrupts.StopSaying("Stopping; the leases go on, and their machines keep their own limits.");
            var report = access.Reconcile(invocation, stop);
            if (invocation.Arguments.GetValue(watch))
            {
                Watch(invocation, access.Controller, stop);
            }

            if (invocation.Arguments.GetValue(which) is { } id)
            {
                ShowOne(invocation, access.Controller, id, stop);
                return ExitCode.Done;
            }

            var now = TimeProvider.System.GetUtcNow();
            var leases = access.Controller.ListAsync(!invocation.Arguments.GetValue(all), stop).GetAwaiter().GetResult();
            invocation.Result(
                new
                {
                    Leases = leases.Select(lease => LeaseOutput.Document(lease, now)),
                    Strays = report.Strays.Select(Named),
                    Foreign = report.Foreign.Select(Named),
                    Unreachable = report.Unreachable.Select(entry => new { entry.Provider, entry.Why }),
                },
                text => Write(text, leases, now));
            // A lease whose provider could not be asked is not known to be well.
            return leases.Any(lease => lease.IsOpen && report.Unreachable.Any(entry => lease.Attempts.Any(attempt => attempt.Provider == entry.Provider && !attempt.IsSettled)))
                ? ExitCode.Provider : ExitCode.Done;
        });
    }

    private static object Named(Machine machine) => new { machine.Provider, machine.Id, machine.Name, machine.PricePerHourUsd };

    private static void Write(TextWriter text, IReadOnlyList<Lease> leases, DateTimeOffset now)
    {
        if (leases.Count == 0)
        {
            text.WriteLine("No lease is open.");
            return;
        }

        LeaseOutput.WriteTable(text, leases, now);
        text.WriteLine();
        foreach (var lease in leases.Where(lease => lease.ForUser.Length > 0))
        {
            text.WriteLine($"TO DO: {lease.ForUser}");
        }

        foreach (var lease in leases.Where(lease => lease is { IsOpen: true, Machine.SshHost.Length: > 0 }))
        {
            text.WriteLine($"{lease.Id}: {LeaseOutput.SshCommand(lease.Machine!)}"); // The filter asked for a machine.
        }
    }

    private static void ShowOne(Invocation invocation, LeaseController controller, string id, CancellationToken stop)
    {
        var now = TimeProvider.System.GetUtcNow();
        var lease = controller.FindAsync(id, stop).GetAwaiter().GetResult();
        var events = controller.EventsAsync(id, stop).GetAwaiter().GetResult();
        invocation.Result(LeaseOutput.Document(lease, now, events), text =>
        {
            LeaseOutput.Write(text, lease, now);
            foreach (var entry in events)
            {
                text.WriteLine($"  {entry.At:u}  {entry.Kind,-10}  {entry.Message}");
            }
        });
    }

    private static void Watch(Invocation invocation, LeaseController controller, CancellationToken stop)
    {
        var seen = new Dictionary<string, long>();
        try
        {
            while (true)
            {
                var open = controller.ListAsync(isOpenOnly: true, stop).GetAwaiter().GetResult();
                foreach (var id in open.Select(lease => lease.Id).Union(seen.Keys).ToList())
                {
                    foreach (var entry in controller.EventsAsync(id, stop).GetAwaiter().GetResult().Where(entry => entry.Number > seen.GetValueOrDefault(id)))
                    {
                        invocation.Say($"{entry.At:u}  {id}  {entry.Kind}: {entry.Message}");
                        seen[id] = entry.Number;
                    }
                }

                if (open.Count == 0)
                {
                    return;
                }

                Task.Delay(_look, stop).GetAwaiter().GetResult();
                controller.TickAsync(stop).GetAwaiter().GetResult();
            }
        }
        catch (OperationCanceledException)
        {
            // The user has seen enough; what is known is still shown.
        }
    }
}
