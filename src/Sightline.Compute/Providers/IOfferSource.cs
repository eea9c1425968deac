using Sightline.Compute.Offers;

namespace Sightline.Compute.Providers;

/// <summary>Asks one provider for its prices. To add a provider is one file and one line of <see cref="ProviderCatalog.All"/>.</summary>
public interface IOfferSource
{
    /// <summary>The id, as in offers and price sheets.</summary>
    string Id { get; }

    /// <summary>The name for people.</summary>
    string Name { get; }

    /// <summary>Where its prices come from and what they lack, in one sentence.</summary>
    string About { get; }

    /// <summary>The address asked when none is set; null for a provider without a price API.</summary>
    Uri? DefaultAddress { get; }

    /// <summary>The credential it needs, such as <c>RUNPOD_API_KEY</c>; null when it asks for none.</summary>
    string? CredentialName { get; }

    /// <summary>Asks for the prices as they are now.</summary>
    /// <param name="request">Address, key, client, regions.</param>
    /// <param name="cancellationToken">Stops the request.</param>
    /// <returns>Prices, unchecked.</returns>
    /// <exception cref="ComputeException">The provider cannot be reached, refuses, or answers in another form.</exception>
    Task<IReadOnlyList<PriceRow>> FetchAsync(PriceRequest request, CancellationToken cancellationToken);
}
