using Sightline.Compute.Offers;

namespace Sightline.Compute.Providers;

/// <summary>Burncloud: no public API or price list for GPUs is known, so its prices come from a sheet that the user fills in; the machine is an SSH host.</summary>
internal sealed class BurncloudOffers : IOfferSource
{
    public string Id => "burncloud";

    public string Name => "Burncloud";

    public string About => "no public API or price list for GPUs: fill in a price sheet with what Burncloud quotes you, and the machine's SSH host";

    public Uri? DefaultAddress => null;

    public string? CredentialName => null;

    public Task<IReadOnlyList<PriceRow>> FetchAsync(PriceRequest request, CancellationToken cancellationToken) => Task.FromResult<IReadOnlyList<PriceRow>>([]);
}
