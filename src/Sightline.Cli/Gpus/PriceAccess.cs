using Sightline.Cli.CommandLine;
using Sightline.Compute.Offers;
using Sightline.Compute.Providers;
using Sightline.Native;

namespace Sightline.Cli.Gpus;

/// <summary>The prices in use on this machine: snapshot, refreshed, the user's sheets; folders and addresses from the environment.</summary>
internal static class PriceAccess
{
    /// <summary>Where the user's sheets and key files lie.</summary>
    public static string ConfigFolder { get; } = Path.Combine(
        Environment.GetEnvironmentVariable("XDG_CONFIG_HOME") is { Length: > 0 } config ? config : Environment.GetFolderPath(Environment.SpecialFolder.ApplicationData),
        "sightline");

    /// <summary>Where key files lie.</summary>
    public static string CredentialFolder => Folder("SIGHTLINE_CREDENTIALS", "credentials");

    /// <summary>Where prices lie: those that providers gave, and the user's own sheets.</summary>
    public static (string Cache, string Sheets) Folders => (Path.Combine(NativeRuntime.CacheFolder, "prices"), Folder("SIGHTLINE_PRICES", "prices"));

    /// <summary>Today, UTC.</summary>
    public static DateOnly Today => DateOnly.FromDateTime(TimeProvider.System.GetUtcNow().UtcDateTime);

    /// <summary>Reads all prices, after asking the providers where that is wanted.</summary>
    /// <returns>The offers, and the notes on providers that did not answer.</returns>
    /// <exception cref="NetworkException">Every provider that was asked failed.</exception>
    public static (OfferBook Book, IReadOnlyList<string> Notes) Read(Invocation invocation, OfferArguments arguments, OfferQuery query)
    {
        var store = new PriceStore(Folders.Cache, Folders.Sheets);
        var notes = arguments.IsRefresh(invocation.Arguments) ? Refresh(invocation, store, query) : [];
        return (OfferBook.From(store.Read(arguments.Sheets(invocation.Arguments))), notes);
    }

    private static List<string> Refresh(Invocation invocation, PriceStore store, OfferQuery query)
    {
        using var http = new HttpClient { Timeout = Timeout.InfiniteTimeSpan }; // The client's own limit counts per try.
        var refresh = new PriceRefresh(new ProviderClient(http, TimeProvider.System), new CredentialStore(Environment.GetEnvironmentVariable, CredentialFolder), TimeProvider.System)
        {
            Addresses = ProviderCatalog.All
                .Select(source => (source.Id, Text: Environment.GetEnvironmentVariable($"SIGHTLINE_URL_{source.Id.ToUpperInvariant()}")))
                .Where(entry => Uri.TryCreate(entry.Text, UriKind.Absolute, out _))
                .ToDictionary(entry => entry.Id, entry => new Uri(entry.Text!)), // TryCreate refuses null.
        };
        var sources = ProviderCatalog.All.Where(source => query.Providers.Count == 0 || query.Providers.Contains(source.Id, StringComparer.OrdinalIgnoreCase)).ToList();
        invocation.Say($"Asking {string.Join(", ", sources.Select(source => source.Name))} ...");
        var answers = refresh.AskAsync(sources, CancellationToken.None).GetAwaiter().GetResult();
        foreach (var answer in answers)
        {
            if (answer.Rows is { } rows)
            {
                invocation.Say(store.Keep(answer.Provider, rows) ? $"{answer.Provider}: {rows.Count} prices." : $"{answer.Provider}: no prices; those known so far stay in use.");
            }
        }

        var notes = answers.Select(answer => answer.Note).OfType<string>().ToList();
        return answers.Any(answer => answer.IsFailure) && !answers.Any(answer => answer.Rows is not null)
            ? throw new NetworkException(string.Join(Environment.NewLine, notes))
            : notes;
    }

    private static string Folder(string variable, string name) => Environment.GetEnvironmentVariable(variable) is { Length: > 0 } folder ? folder : Path.Combine(ConfigFolder, name);
}
