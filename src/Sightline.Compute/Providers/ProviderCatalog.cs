namespace Sightline.Compute.Providers;

/// <summary>The providers that Sightline knows by name. Any other takes part through a price sheet.</summary>
public static class ProviderCatalog
{
    /// <summary>All providers.</summary>
    public static IReadOnlyList<IOfferSource> All { get; } =
    [
        new AzureOffers(),
        new GoogleCloudOffers(),
        new AwsOffers(),
        new LambdaOffers(),
        new RunPodOffers(),
        new VastOffers(),
        new BurncloudOffers(),
    ];
}
