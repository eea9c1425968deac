using Sightline.Compute.Offers;

namespace Sightline.Compute.Providers;

/// <summary>What asking one provider gave.</summary>
/// <param name="Provider">Its id.</param>
/// <param name="Rows">Its prices, unchecked; null when it was skipped or failed.</param>
/// <param name="Note">Why it was skipped or failed; null when it answered.</param>
/// <param name="IsFailure">Whether it was asked and failed.</param>
public sealed record ProviderAnswer(string Provider, IReadOnlyList<PriceRow>? Rows, string? Note, bool IsFailure);

/// <summary>Asks all providers; one without a key is skipped, one that fails does not stop the others.</summary>
/// <param name="client">Sends the requests.</param>
/// <param name="credentials">Finds the keys.</param>
/// <param name="time">Clock.</param>
public sealed class PriceRefresh(ProviderClient client, CredentialStore credentials, TimeProvider time)
{
    /// <summary>Addresses other than the providers' own, by id: for proxies and tests.</summary>
    public IReadOnlyDictionary<string, Uri> Addresses { get; init; } = new Dictionary<string, Uri>();

    /// <summary>Regions to ask for; empty takes each provider's usual ones.</summary>
    public IReadOnlyList<string> Regions { get; init; } = [];

    /// <summary>Asks, all at once.</summary>
    /// <param name="sources">Whom.</param>
    /// <param name="cancellationToken">Stops all.</param>
    /// <returns>One answer per source, in their order.</returns>
    public async Task<IReadOnlyList<ProviderAnswer>> AskAsync(IEnumerable<IOfferSource> sources, CancellationToken cancellationToken) =>
        await Task.WhenAll(sources.Select(source => AskAsync(source, cancellationToken))).ConfigureAwait(false);

    private async Task<ProviderAnswer> AskAsync(IOfferSource source, CancellationToken cancellationToken)
    {
        try
        {
            if ((Addresses.GetValueOrDefault(source.Id) ?? source.DefaultAddress) is not { } address)
            {
                return new ProviderAnswer(source.Id, null, $"{source.Name}: {source.About}.", IsFailure: false);
            }

            var credential = source.CredentialName is { } name ? credentials.Find(name) : null;
            if (source.CredentialName is not null && credential is null)
            {
                return new ProviderAnswer(source.Id, null, $"{source.Name} is skipped: {source.CredentialName} is not set.", IsFailure: false);
            }

            var request = new PriceRequest
            {
                Address = address,
                Credential = credential,
                Client = client,
                Regions = Regions,
                Today = DateOnly.FromDateTime(time.GetUtcNow().UtcDateTime),
            };
            return new ProviderAnswer(source.Id, await source.FetchAsync(request, cancellationToken).ConfigureAwait(false), null, IsFailure: false);
        }
        catch (ComputeException error)
        {
            return new ProviderAnswer(source.Id, null, error.Message, IsFailure: true);
        }
    }
}
