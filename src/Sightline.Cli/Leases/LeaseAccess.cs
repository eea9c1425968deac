using Sightline.Cli.CommandLine;
using Sightline.Cli.Gpus;
using Sightline.Clouds;
using Sightline.Compute;
using Sightline.Compute.Leases;
using Sightline.Compute.Providers;
using Sightline.Compute.Storage;

namespace Sightline.Cli.Leases;

/// <summary>The leases of this place: database, providers' backends, controller.</summary>
internal sealed class LeaseAccess : IDisposable
{
    private readonly Database _database;
    private readonly HttpClient _http;

    private LeaseAccess(Database database, HttpClient http, IReadOnlyList<ILeaseProvider> providers, LeaseController controller) =>
        (_database, _http, Providers, Controller) = (database, http, providers, controller);

    /// <summary>The backends that are set up.</summary>
    public IReadOnlyList<ILeaseProvider> Providers { get; }

    /// <summary>Leases and ends.</summary>
    public LeaseController Controller { get; }

    /// <summary>Opens the database; it is made where it is missing.</summary>
    public static LeaseAccess Open(Invocation invocation)
    {
        var database = Database.OpenAsync(Database.Default, CancellationToken.None).GetAwaiter().GetResult();
        var http = new HttpClient { Timeout = Timeout.InfiniteTimeSpan }; // The backends' limits count per try.
        var providers = LeaseProviders.SetUp(new LeaseProviderSetup
        {
            Http = http,
            Credentials = new CredentialStore(Environment.GetEnvironmentVariable, PriceAccess.CredentialFolder),
            Environment = Environment.GetEnvironmentVariable,
            Time = TimeProvider.System,
            Database = database,
        }, AwsLeases.Entry);
        return new LeaseAccess(database, http, providers, new LeaseController(new LeaseJournal(database), providers, TimeProvider.System) { Say = invocation.Say });
    }

    /// <summary>Brings the journal in line with the providers' lists, and says what was out of line.</summary>
    /// <returns>What was found.</returns>
    public ReconcileReport Reconcile(Invocation invocation, CancellationToken cancellationToken)
    {
        var report = Controller.ReconcileAsync(cancellationToken).GetAwaiter().GetResult();
        foreach (var machine in report.Adopted)
        {
            invocation.Say($"Found machine {machine.Id} of {machine.Provider} for lease {machine.Name[MachineRequest.NamePrefix.Length..]}.");
        }

        foreach (var machine in report.Foreign)
        {
            invocation.Say($"Left alone: machine {machine.Id} of {machine.Provider}, named {machine.Name}. Another installation leased it; if that is gone, end it in the provider's console.");
        }

        foreach (var (provider, why) in report.Unreachable)
        {
            invocation.Say($"Not asked: {provider}: {why}");
        }

        return report;
    }

    public void Dispose()
    {
        _http.Dispose();
        _database.Dispose();
    }
}
