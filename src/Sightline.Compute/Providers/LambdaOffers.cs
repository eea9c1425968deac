using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using Sightline.Compute.Offers;

namespace Sightline.Compute.Providers;

/// <summary>Lambda: the list of instance types; one price for all regions, no spot.</summary>
internal sealed partial class LambdaOffers : IOfferSource
{
    public string Id => "lambda";

    public string Name => "Lambda";

    public string About => "instance types; needs an API key; on-demand only, Lambda has no spot";

    public Uri? DefaultAddress { get; } = new("https://cloud.lambda.ai");

    public string? CredentialName => "LAMBDA_API_KEY";

    public async Task<IReadOnlyList<PriceRow>> FetchAsync(PriceRequest request, CancellationToken cancellationToken)
    {
        var answer = await request.Client.GetJsonAsync(Name, new Uri(request.Address, "/api/v1/instance-types"), request.Credential, cancellationToken).ConfigureAwait(false);
        var rows = new List<PriceRow>();
        foreach (var entry in answer.Need(Name, "data", JsonValueKind.Object).EnumerateObject())
        {
            if (entry.Value.Get("instance_type") is not { } type || Gpu().Match(type.Text("description")) is not { Success: true } gpu)
            {
                continue; // Machines without a GPU.
            }

            var regions = entry.Value.Items("regions_with_capacity_available").Select(region => region.Text("name")).Where(name => name.Length > 0).ToList();
            var wanted = request.Regions.Count == 0 ? regions : [.. regions.Intersect(request.Regions)];
            var specs = type.Get("specs") ?? default;
            foreach (var region in wanted)
            {
                rows.Add(new PriceRow
                {
                    Provider = Id,
                    Instance = type.Text("name") is { Length: > 0 } name ? name : entry.Name,
                    Accelerator = $"{gpu.Groups["model"].Value.Trim()} {gpu.Groups["form"].Value}".Trim(),
                    Count = int.Parse(gpu.Groups["count"].ValueSpan, CultureInfo.InvariantCulture),
                    VirtualCpus = (int?)specs.Number("vcpus"),
                    MemoryGib = (double?)specs.Number("memory_gib"),
                    GpuMemoryMib = int.Parse(gpu.Groups["size"].ValueSpan, CultureInfo.InvariantCulture) * 1024,
                    Region = region,
                    PricePerHourUsd = type.Number("price_cents_per_hour") / 100,
                    SeenOn = request.Today,
                    Source = "Lambda instance types",
                });
            }
        }

        return rows;
    }

    // "1x A100 (40 GB SXM4)", "8x Tesla V100 (16 GB)"
    [GeneratedRegex(@"^(?<count>\d{1,3})x (?<model>[^(]+)\((?<size>\d{1,4}) GB ?(?<form>[^)]*)\)")]
    private static partial Regex Gpu();
}
