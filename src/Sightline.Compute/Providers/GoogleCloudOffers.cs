using System.Text.Json;
using Sightline.Compute.Offers;

namespace Sightline.Compute.Providers;

/// <summary>Google Cloud: the Cloud Billing Catalog; a machine's price is its processors, its memory and its GPUs added up.</summary>
internal sealed class GoogleCloudOffers : IOfferSource
{
    private const string ComputeEngine = "6F81-5844-456A";
    private static readonly string[] _usualRegions = ["us-central1", "us-east4", "us-west1", "us-west4", "europe-west4"];
    // The words of the positions, by the first part of the machine type.
    private static readonly Dictionary<string, (string Core, string Memory)> _hosts = new()
    {
        ["a2"] = ("A2 Instance Core", "A2 Instance Ram"),
        ["a3"] = ("A3 Instance Core", "A3 Instance Ram"),
        ["g2"] = ("G2 Instance Core", "G2 Instance Ram"),
        ["n1"] = ("N1 Predefined Instance Core", "N1 Predefined Instance Ram"),
    };

    private static readonly Dictionary<string, string> _gpus = new()
    {
        ["a100-40"] = "Nvidia Tesla A100 GPU",
        ["a100-80-sxm"] = "Nvidia Tesla A100 80GB GPU",
        ["h100-sxm"] = "Nvidia H100 80GB GPU",
        ["l4"] = "Nvidia L4 GPU",
        ["t4"] = "Nvidia Tesla T4 GPU",
        ["v100-16"] = "Nvidia Tesla V100 GPU",
    };

    public string Id => "gcp";

    public string Name => "Google Cloud";

    public string About => "Cloud Billing Catalog; needs an API key; processors, memory and GPUs added up, local disks not";

    public Uri? DefaultAddress { get; } = new("https://cloudbilling.googleapis.com");

    public string? CredentialName => "GOOGLE_API_KEY";

    public async Task<IReadOnlyList<PriceRow>> FetchAsync(PriceRequest request, CancellationToken cancellationToken)
    {
        var positions = new List<Position>();
        string? token = null;
        var seen = new HashSet<string>();
        do
        {
            var address = new Uri(request.Address, $"/v1/services/{ComputeEngine}/skus?pageSize=5000&currencyCode=USD&key={Uri.EscapeDataString(request.Credential ?? "")}{(token is null ? "" : $"&pageToken={Uri.EscapeDataString(token)}")}");
            var page = await request.Client.GetJsonAsync(Name, address, null, cancellationToken).ConfigureAwait(false);
            positions.AddRange(page.Need(Name, "skus", JsonValueKind.Array).EnumerateArray().Select(Position.Read).OfType<Position>());
            token = page.Text("nextPageToken");
        }
        while (token.Length > 0 && seen.Add(token));

        return [.. from region in request.Regions.Count > 0 ? request.Regions : _usualRegions
                   from type in MachineTypes.All
                   where type.Provider == Id && _gpus.ContainsKey(type.GpuId)
                   let row = ToRow(type, region, positions, request.Today)
                   where row is not null
                   select row];
    }

    private PriceRow? ToRow(MachineType type, string region, List<Position> positions, DateOnly today)
    {
        var price = Sum(type, region, positions, "OnDemand");
        var spot = Sum(type, region, positions, "Preemptible");
        return price is null && spot is null ? null : type.Row(region, price, spot, today, "Google Cloud Billing Catalog");
    }

    private static decimal? Sum(MachineType type, string region, List<Position> positions, string usage)
    {
        decimal? One(string words) => positions.Where(position => position.Usage == usage && position.Regions.Contains(region)
            && position.Description.Contains(words, StringComparison.OrdinalIgnoreCase)).Select(position => position.Price).Distinct().ToList() is [var only] ? only : null;
        var (core, memory) = _hosts[type.Name[..2]];
        return (One(core) * type.VirtualCpus) + (One(memory) * (decimal)type.MemoryGib) + (One(_gpus[type.GpuId]) * type.Count);
    }

    /// <summary>A position of the price list that can be part of a machine.</summary>
    private sealed record Position(string Description, string Usage, HashSet<string> Regions, decimal Price)
    {
        public static Position? Read(JsonElement sku)
        {
            var description = sku.Text("description");
            // Calendar mode carries the usage type OnDemand; only its words tell (dstackai/gpuhunt, gcp.py).
            if (description.Contains("Calendar Mode", StringComparison.OrdinalIgnoreCase) || description.Contains("Reserved", StringComparison.OrdinalIgnoreCase)
                || description.Contains("Custom", StringComparison.OrdinalIgnoreCase) || description.Contains("Sole Tenancy", StringComparison.OrdinalIgnoreCase))
            {
                return null;
            }

            var usage = sku.Get("category") is { } category ? category.Text("usageType") : "";
            var rate = sku.Items("pricingInfo").SelectMany(info => info.Get("pricingExpression") is { } expression ? expression.Items("tieredRates") : []).LastOrDefault();
            return usage is "OnDemand" or "Preemptible" && rate.Get("unitPrice") is { } unit
                ? new Position(description, usage, [.. sku.Items("serviceRegions").Where(region => region.ValueKind == JsonValueKind.String).Select(region => region.GetString()!)],
                    (unit.Number("units") ?? 0) + ((unit.Number("nanos") ?? 0) / 1_000_000_000m))
                : null;
        }
    }
}
