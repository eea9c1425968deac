using Sightline.Compute.Providers;

namespace Sightline.Compute.Leases.Clouds;

/// <summary>What the clouds' backends work with: the client, the keys, the clock, the addresses.</summary>
internal sealed record CloudAccess
{
    /// <summary>Sends the requests.</summary>
    public required ProviderClient Client { get; init; }

    /// <summary>Finds keys and settings.</summary>
    public required CredentialStore Credentials { get; init; }

    /// <summary>Clock.</summary>
    public required TimeProvider Time { get; init; }

    /// <summary>Addresses other than the providers' own, by id: for proxies and tests.</summary>
    public IReadOnlyDictionary<string, Uri> Addresses { get; init; } = new Dictionary<string, Uri>();

    /// <summary>What a backend is set up with.</summary>
    public static CloudAccess Of(LeaseProviderSetup setup) => new()
    {
        Client = new ProviderClient(setup.Http, setup.Time) { Timeout = TimeSpan.FromSeconds(30) },
        Credentials = setup.Credentials,
        Time = setup.Time,
        Addresses = new[] { "vast", "runpod", "lambda", "gcp", "gcp_token", "azure", "azure_token", "aws" }.Select(id => (Id: id, Address: setup.Address(id)))
            .Where(entry => entry.Address is not null).ToDictionary(entry => entry.Id, entry => entry.Address!), // The filter leaves none that is null.
    };

    /// <summary>A provider's address.</summary>
    public Uri Address(string id, string usual) => Addresses.GetValueOrDefault(id) ?? new Uri(usual);

    /// <summary>A key or setting, or null.</summary>
    /// <exception cref="LeaseException">Others can read its file.</exception>
    public string? Find(string name)
    {
        try
        {
            return Credentials.Find(name);
        }
        catch (ComputeException error)
        {
            throw new LeaseException(LeaseTrouble.Credentials, error.Message, inner: error);
        }
    }

    /// <summary>A key or setting that must be there.</summary>
    /// <exception cref="LeaseException">It is not set, or others can read its file.</exception>
    public string Need(string provider, string name) => Find(name)
        ?? throw new LeaseException(LeaseTrouble.Credentials, $"{provider} needs {name}, which is not set. Set it in the environment, or write it into a file of that name in the folder of credentials that only you can read.");
}
