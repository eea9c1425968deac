namespace Sightline.Compute.Leases;

/// <summary>The providers, and what they list: each is asked once, and the answer kept for one round of looking.</summary>
internal sealed class ProviderLists(IReadOnlyList<ILeaseProvider> providers)
{
    private readonly Dictionary<string, IReadOnlyList<Machine>> _known = [];

    /// <summary>All providers.</summary>
    public IReadOnlyList<ILeaseProvider> Providers => providers;

    /// <summary>A provider; null when it is not set up here, for want of a key for example.</summary>
    public ILeaseProvider? Find(string id) => providers.FirstOrDefault(provider => provider.Id == id);

    /// <summary>A provider.</summary>
    /// <exception cref="LeaseException">It is not set up here.</exception>
    public ILeaseProvider Get(string id) => Find(id)
        ?? throw new LeaseException(LeaseTrouble.Credentials, $"The provider '{id}' is not set up here, so its machines can be neither seen nor ended. Set its key again; docs/leases.md names the variables.");

    /// <summary>The machines with our name.</summary>
    public async Task<IReadOnlyList<Machine>> ListAsync(string provider, CancellationToken cancellationToken)
    {
        if (!_known.TryGetValue(provider, out var machines))
        {
            machines = await Get(provider).ListAsync(cancellationToken).ConfigureAwait(false);
            _known[provider] = machines;
        }

        return machines;
    }

    /// <summary>The same providers, to be asked anew.</summary>
    public ProviderLists Fresh() => new(providers);
}
