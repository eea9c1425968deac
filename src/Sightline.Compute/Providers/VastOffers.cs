using System.Text.Json;
using Sightline.Compute.Offers;

namespace Sightline.Compute.Providers;

/// <summary>Vast: a market of single hosts; the true price is that of the machine and of the disk that is set aside.</summary>
internal sealed class VastOffers : IOfferSource
{
    private const int Most = 500;
    private const decimal DiskGb = 30;
    private const decimal HoursPerMonth = 24 * 30;

    public string Id => "vast";

    public string Name => "Vast";

    public string About => "market of single hosts; needs an API key; on-demand, and the least bid as spot; disk of 30 GB in the price";

    public Uri? DefaultAddress { get; } = new("https://console.vast.ai");

    public string? CredentialName => "VAST_API_KEY";

    public async Task<IReadOnlyList<PriceRow>> FetchAsync(PriceRequest request, CancellationToken cancellationToken)
    {
        var body = JsonSerializer.Serialize(new Dictionary<string, object>
        {
            ["verified"] = new { eq = true },
            ["external"] = new { eq = false },
            ["rentable"] = new { eq = true },
            ["rented"] = new { eq = false },
            ["order"] = new[] { new[] { "dph_total", "asc" } },
            ["type"] = "on-demand",
            ["limit"] = Most,
            ["allocated_storage"] = DiskGb,
        });
        var answer = await request.Client.PostJsonAsync(Name, new Uri(request.Address, "/api/v0/bundles/"), body, request.Credential, cancellationToken).ConfigureAwait(false);
        return [.. answer.Need(Name, "offers", JsonValueKind.Array).EnumerateArray().Where(offer => offer.Number("num_gpus") >= 1).Select(offer => ToRow(offer, request.Today))];
    }

    private PriceRow ToRow(JsonElement offer, DateOnly today)
    {
        var disk = DiskGb * (offer.Number("storage_cost") ?? 0) / HoursPerMonth;
        // A part of a host gets that part of its memory; the number of processors can be missing.
        var share = offer.Number("cpu_cores") is { } cores && cores > 0 && offer.Number("cpu_cores_effective") is { } effective ? effective / cores : 1;
        return new PriceRow
        {
            Provider = Id,
            Instance = offer.Number("id") is { } id ? $"{id:0}" : "",
            Accelerator = offer.Text("gpu_name"),
            Count = (int)offer.Number("num_gpus")!, // Asked for above.
            VirtualCpus = (int?)offer.Number("cpu_cores_effective"),
            MemoryGib = (double?)(offer.Number("cpu_ram") * share / 1024),
            GpuMemoryMib = (int?)offer.Number("gpu_ram"),
            Region = offer.Text("geolocation"),
            PricePerHourUsd = offer.Number("dph_base") is > 0 and var price ? price + disk : null,
            SpotPricePerHourUsd = offer.Number("min_bid") is > 0 and var bid ? bid + disk : null,
            SeenOn = today,
            Source = "Vast offers",
        };
    }
}
