using System.Text.Json;
using Sightline.Compute.Offers;

namespace Sightline.Compute.Providers;

/// <summary>Azure: the public Retail Prices API, without log-in; one walk per region, so that a change on the way spoils one region alone.</summary>
internal sealed class AzureOffers : IOfferSource
{
    private static readonly string[] _usualRegions = ["eastus", "westus2", "westus3", "southcentralus", "westeurope", "northeurope"];

    public string Id => "azure";

    public string Name => "Azure";

    public string About => "Retail Prices API, public; on-demand and spot of Linux machines";

    public Uri? DefaultAddress { get; } = new("https://prices.azure.com");

    public string? CredentialName => null;

    public async Task<IReadOnlyList<PriceRow>> FetchAsync(PriceRequest request, CancellationToken cancellationToken)
    {
        var rows = new List<PriceRow>();
        foreach (var region in request.Regions.Count > 0 ? request.Regions : _usualRegions)
        {
            var items = new List<JsonElement>();
            var filter = $"serviceName eq 'Virtual Machines' and priceType eq 'Consumption' and armRegionName eq '{region.Replace("'", "''", StringComparison.Ordinal)}'";
            var next = new Uri(request.Address, $"/api/retail/prices?api-version=2023-01-01-preview&$filter={Uri.EscapeDataString(filter)}");
            var seen = new HashSet<string>();
            while (next is not null && seen.Add(next.AbsoluteUri)) // A server that repeats a link would never end.
            {
                var page = await request.Client.GetJsonAsync(Name, next, null, cancellationToken).ConfigureAwait(false);
                items.AddRange(page.Need(Name, "Items", JsonValueKind.Array).EnumerateArray().Where(item => MachineTypes.Find(Id, item.Text("armSkuName")) is not null));
                next = page.Text("NextPageLink") is { Length: > 0 } link ? Follow(request.Address, link) : null;
            }

            rows.AddRange(items.GroupBy(item => item.Text("armSkuName")).Select(group => ToRow(group.Key, region, [.. group], request.Today)).OfType<PriceRow>());
        }

        return rows;
    }

    // The links name the public host; a test server or a proxy keeps its own.
    private static Uri Follow(Uri address, string link) => new(address, Uri.TryCreate(link, UriKind.Absolute, out var whole) ? whole.PathAndQuery : link);

    private PriceRow? ToRow(string sku, string region, IReadOnlyList<JsonElement> items, DateOnly today)
    {
        var type = MachineTypes.Find(Id, sku)!; // Only listed types come here.
        var linux = items.Where(item => item.Text("unitOfMeasure") == "1 Hour" && item.Text("type") is "Consumption" or ""
            && !Has(item, "productName", "Windows", "Cloud Services", "Dedicated", " Win")).ToList();
        // More than one distinct price is ambiguous: none is better than the wrong one.
        decimal? One(IEnumerable<JsonElement> candidates) => candidates.Select(item => item.Number("retailPrice")).OfType<decimal>().Where(price => price > 0).Distinct().ToList() is [var only] ? only : null;
        var price = One(linux.Where(item => !IsSpot(item) && !IsLow(item)));
        var spot = One(linux.Where(IsSpot));
        return price is null && spot is null ? null : type.Row(region, price, spot, today, "Azure Retail Prices API");
    }

    private static bool IsSpot(JsonElement item) => Has(item, "skuName", "Spot") || Has(item, "meterName", "Spot");

    private static bool IsLow(JsonElement item) => Has(item, "skuName", "Low Priority") || Has(item, "meterName", "Low Priority");

    private static bool Has(JsonElement item, string name, params string[] words) => words.Any(word => item.Text(name).Contains(word, StringComparison.OrdinalIgnoreCase));
}
