namespace Sightline.Compute.Providers;

/// <summary>What a provider is asked with.</summary>
public sealed record PriceRequest
{
    /// <summary>The provider's address, with the scheme.</summary>
    public required Uri Address { get; init; }

    /// <summary>The credential; null for a provider that needs none.</summary>
    public string? Credential { get; init; }

    /// <summary>The client that sends, with its rules for trying again.</summary>
    public required ProviderClient Client { get; init; }

    /// <summary>Regions to ask for where a provider answers per region; empty takes the provider's usual ones.</summary>
    public IReadOnlyList<string> Regions { get; init; } = [];

    /// <summary>Today, UTC: the date of the answer's prices.</summary>
    public required DateOnly Today { get; init; }
}
