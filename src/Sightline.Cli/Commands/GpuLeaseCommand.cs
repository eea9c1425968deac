using System.CommandLine;
using System.Globalization;
using Sightline.Cli.CommandLine;
using Sightline.Cli.Gpus;
using Sightline.Cli.Leases;
using Sightline.Compute.Leases;
using Sightline.Compute.Offers;

namespace Sightline.Cli.Commands;

/// <summary><c>sightline gpu lease</c>: rents a machine, within limits that hold whatever happens to this program.</summary>
internal static class GpuLeaseCommand
{
    public static Command Create()
    {
        var which = new Argument<string?>("OFFER") { Description = "An offer as PROVIDER/INSTANCE; leave it out to take the cheapest that the filters admit.", Arity = ArgumentArity.ZeroOrOne };
        var filters = new OfferArguments();
        var maxCost = new Option<decimal?>("--max-cost") { Description = "The most it may cost in all, USD. Needed where no person is at the terminal.", HelpName = "USD" };
        var maxHours = new Option<double>("--max-hours") { Description = "The longest time, hours from now.", HelpName = "H", DefaultValueFactory = _ => 8 };
        var until = new Option<DateTimeOffset?>("--until") { Description = "When it has to be over whatever the other limits say, such as 2026-11-24T18:00Z.", HelpName = "TIME" };
        var idle = new Option<double>("--idle") { Description = "Minutes without work until it is ended; 0 never. A warning comes at half of it.", HelpName = "MIN", DefaultValueFactory = _ => 20 };
        var tries = new Option<int>("--tries") { Description = "How many offers are tried where one has no machine free.", HelpName = "N", DefaultValueFactory = _ => 5 };
        var disk = new Option<double>("--disk") { Description = "Disk, GiB.", HelpName = "N", DefaultValueFactory = _ => 50 };
        var image = new Option<string>("--image") { Description = "Image of the machine. Default: the provider's, with a GPU driver.", HelpName = "NAME", DefaultValueFactory = _ => "" };
        var purpose = new Option<string>("--for") { Description = "What it is for; shown in lists.", HelpName = "TEXT", DefaultValueFactory = _ => "" };
        var noWait = new Option<bool>("--no-wait") { Description = "Return when the machine is asked for, not when it is ready." };
        var key = SshKeyOption.Create();
        var consent = new Consent();
        var command = new Command("lease", "Rent a machine with a GPU. Shows the price first; it ends at its limits even when this program is dead.") { which, maxCost, maxHours, until, idle, tries, disk, image, purpose, noWait, key };
        consent.AddTo(command);
        filters.AddTo(command);
        return command.Does(invocation =>
        {
            var arguments = invocation.Arguments;
            var query = filters.Query(arguments);
            var (book, _) = PriceAccess.Read(invocation, filters, query);
            var offers = Choose(book, query, arguments.GetValue(which));
            var limits = new LeaseLimits
            {
                MaxCostUsd = arguments.GetValue(maxCost) ?? AskForCost(invocation, offers[0]),
                MaxTime = Hours(arguments.GetValue(maxHours)),
                Deadline = arguments.GetValue(until),
                IdleStop = Minutes(arguments.GetValue(idle)),
                IdleWarning = Minutes(arguments.GetValue(idle)) / 2,
            };
            var order = new LeaseOrder
            {
                Offers = offers,
                Limits = limits,
                MaxPricePerHourUsd = query.MaximumPricePerHourUsd,
                MaxOffers = arguments.GetValue(tries),
                DiskGib = arguments.GetValue(disk),
                Image = arguments.GetRequiredValue(image),
                Purpose = arguments.GetRequiredValue(purpose),
                WaitsForReady = !arguments.GetValue(noWait),
                SshPublicKey = offers.Any(offer => offer.Host.Length == 0) ? SshKeyOption.Read(arguments.GetValue(key)) : "",
            };
            if (order.Check().ToList() is { Count: > 0 } problems)
            {
                throw new SettingsException(string.Join(Environment.NewLine, problems));
            }

            using var access = LeaseAccess.Open(invocation);
            SayPrice(invocation, order);
            consent.Need(invocation, string.Create(CultureInfo.InvariantCulture, $"Lease it, for at most {limits.MaxCostUsd:0.##} USD?"));
            var stop = invocation.Interrupts.StopSaying("Stopping; a machine that was asked for is ended.");
            access.Reconcile(invocation, stop);
            var lease = access.Controller.LeaseAsync(order, stop).GetAwaiter().GetResult();
            var now = TimeProvider.System.GetUtcNow();
            invocation.Result(LeaseOutput.Document(lease, now), text =>
            {
                LeaseOutput.Write(text, lease, now);
                text.WriteLine($"End it with: sightline gpu end {lease.Id}");
            });
        });
    }

    private static List<Offer> Choose(OfferBook book, OfferQuery query, string? name)
    {
        var admitted = book.Offers.Where(offer => query.Admits(offer) && offer.Gpu.Refusal is null).OrderBy(offer => offer.PricePerHourUsd).ThenBy(offer => offer.Provider, StringComparer.Ordinal).ToList();
        if (name is null)
        {
            return admitted.Count > 0 ? admitted
                : throw new NotFoundException("No offer passes the filters. 'sightline gpu offers' with the same filters shows what there is; --refresh asks the providers.");
        }

        var slash = name.IndexOf('/', StringComparison.Ordinal);
        var (provider, instance) = slash > 0 ? (name[..slash], name[(slash + 1)..]) : (name, "");
        var named = admitted.Where(offer => offer.Provider.Equals(provider, StringComparison.OrdinalIgnoreCase) && (instance.Length == 0 || offer.Instance.Equals(instance, StringComparison.OrdinalIgnoreCase))).ToList();
        return named.Count > 0 ? named
            : throw new NotFoundException($"There is no offer '{name}' among those that the filters admit. It is written PROVIDER/INSTANCE as 'sightline gpu offers' shows them{(admitted.Count > 0 ? $", such as {admitted[0].Provider}/{admitted[0].Instance}" : "")}.");
    }

    private static decimal AskForCost(Invocation invocation, Offer first)
    {
        if (!Consent.CanAsk)
        {
            throw new SettingsException("--max-cost is missing: the most that the lease may cost in all, USD. Nobody is at the terminal to be asked.");
        }

        invocation.Terminal.Error.Write(string.Create(CultureInfo.InvariantCulture, $"{LeaseOffer.Of(first)}. The most it may cost in all, USD: "));
        return decimal.TryParse(Console.In.ReadLine(), CultureInfo.InvariantCulture, out var amount) ? amount : throw new SettingsException("That is no amount in USD. Pass --max-cost.");
    }

    private static void SayPrice(Invocation invocation, LeaseOrder order)
    {
        invocation.Say($"{Math.Min(order.MaxOffers, order.Offers.Count)} of {order.Offers.Count} offers are tried, the cheapest per hour first:");
        foreach (var offer in order.Offers.Take(order.MaxOffers))
        {
            var hours = order.Limits.MaxCostUsd / Math.Max(offer.PricePerHourUsd, 0.0001m);
            invocation.Say(string.Create(CultureInfo.InvariantCulture, $"  {LeaseOffer.Of(offer)}, price of {offer.SeenOn?.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture) ?? "an unknown day"}; {order.Limits.MaxCostUsd:0.##} USD pay {hours:0.0} hours"));
            if (offer.Host.Length > 0)
            {
                invocation.Say($"    {offer.Host} is reserved, not rented: whatever {offer.Provider} bills for it, Sightline can neither start nor stop.");
            }
        }
    }

    private static TimeSpan Hours(double hours) => hours is >= 0 and < 1e5 ? TimeSpan.FromHours(hours) : throw new SettingsException($"--max-hours is {hours}; it must be above 0 and at most a year (8760).");

    private static TimeSpan Minutes(double minutes) => minutes is >= 0 and < 1e6 ? TimeSpan.FromMinutes(minutes) : throw new SettingsException($"--idle is {minutes}; it must be 0 (never) or more minutes.");
}
