using Sightline.Compute.Leases.Clouds;
using Sightline.Compute.Offers;
using Sightline.Compute.Providers;
using Sightline.Compute.Storage;

namespace Sightline.Compute.Leases;

/// <summary>What a provider's backend is made with.</summary>
internal sealed record LeaseProviderSetup
{
    /// <summary>Sends requests; not disposed by the backend. One try at a time: the backend's client tries again where that is safe.</summary>
    public required HttpClient Http { get; init; }

    /// <summary>Finds keys.</summary>
    public required CredentialStore Credentials { get; init; }

    /// <summary>Reads a variable of the environment; null when it is not set.</summary>
    public required Func<string, string?> Environment { get; init; }

    /// <summary>Clock.</summary>
    public required TimeProvider Time { get; init; }

    /// <summary>The database of reservations.</summary>
    public required Database Database { get; init; }

    /// <summary>An address other than the provider's own, from <c>SIGHTLINE_URL_ID</c>; null when none is set.</summary>
    /// <param name="id">The provider's id.</param>
    public Uri? Address(string id) => Uri.TryCreate(Environment($"SIGHTLINE_URL_{id.ToUpperInvariant()}"), UriKind.Absolute, out var address) ? address : null;
}

/// <summary>One backend: how it is made.</summary>
/// <param name="Id">As in offers.</param>
/// <param name="Create">Makes it; null when what it needs, such as a key, is not set.</param>
/// <param name="Needs">What it needs, in words, for a user without it.</param>
internal sealed record LeaseProviderEntry(string Id, Func<LeaseProviderSetup, ILeaseProvider?> Create, string Needs);

/// <summary>The providers that machines can be leased from.</summary>
internal static class LeaseProviders
{
    /// <summary>All backends: one line each.</summary>
    public static IReadOnlyList<LeaseProviderEntry> All { get; } =
    [
        new("vast", setup => Keyed(setup, "VAST_API_KEY", access => new VastLeases(access)), "VAST_API_KEY"),
        new("runpod", setup => Keyed(setup, "RUNPOD_API_KEY", access => new RunPodLeases(access)), "RUNPOD_API_KEY"),
        new("lambda", setup => Keyed(setup, "LAMBDA_API_KEY", access => new LambdaLeases(access)), "LAMBDA_API_KEY"),
        new("gcp", setup => Keyed(setup, GoogleToken.AccountName, access => new GoogleCloudLeases(access)) ?? Keyed(setup, GoogleToken.FileName, access => new GoogleCloudLeases(access)), GoogleToken.FileName),
        new("azure", setup => Keyed(setup, "AZURE_CLIENT_SECRET", access => new AzureLeases(access)), "AZURE_CLIENT_SECRET, AZURE_CLIENT_ID, AZURE_TENANT_ID, AZURE_SUBSCRIPTION_ID"),
        new("ssh", setup => new SshReservations(setup.Database, setup.Time), "a price sheet row with a host"),
    ];

    /// <summary>A backend with a key: none where the key is not set; one whose key's file is unsafe says so when it is asked.</summary>
    public static ILeaseProvider? Keyed(LeaseProviderSetup setup, string key, Func<CloudAccess, ILeaseProvider> create)
    {
        try
        {
            return setup.Credentials.Find(key) is null ? null : create(CloudAccess.Of(setup));
        }
        catch (ComputeException)
        {
            return create(CloudAccess.Of(setup));
        }
    }

    /// <summary>The backends that are set up here.</summary>
    /// <param name="setup">What they are made with.</param>
    /// <param name="more">Backends of other projects, such as those that bring an SDK.</param>
    public static IReadOnlyList<ILeaseProvider> SetUp(LeaseProviderSetup setup, params IEnumerable<LeaseProviderEntry> more) => [.. All.Concat(more).Select(entry => entry.Create(setup)).OfType<ILeaseProvider>()];

    /// <summary>The backend that leases an offer: one with a host is reached directly, whoever sells it.</summary>
    public static string IdOf(Offer offer) => offer.Host.Length > 0 ? "ssh" : offer.Provider;
}
